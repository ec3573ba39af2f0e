#include "common/units.hpp"
#include "lb/config/load.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace lb::config {
namespace {

/// Every place where a key may stand. It need not be right: readers ask for their keys all the
/// same.
constexpr const char* kEverything = R"(
listeners: [{address: "127.0.0.1:80", proxy_protocol: {from: []}, tls: {certificates: [{certificate_file: /nowhere, key_file: /nowhere}]}}]
admin: {listen: [127.0.0.1:9], tls: {listen: [127.0.0.1:8], certificates: [{certificate_file: /nowhere, key_file: /nowhere}]}}
error_pages: [{status: 503, html_file: /nowhere, json_file: /nowhere}]
upstreams:
  - name: a
    endpoints:
      - {address: "127.0.0.1:1", name: x}
      - {dns: "app.internal:1"}
      - {srv: _http._tcp.app.internal}
      - {file: /nowhere}
    check: {least_status: 200, expect_body: {contains: a}, expect_field: {name: X-A}}
    balance: {policy: hash, hash: {field: X-A, cookie: s}, sticky: {cookie: s}}
  - {name: b, endpoints: ["127.0.0.1:2"], check: {statuses: [200]}}
routes:
  - {path: {exact: /x}, upstream: a, error_pages: [{status: 404}]}
  - {path: {prefix: /p}, upstream: a}
  - {path: {regex: ^/x}, upstream: a}
  - path: /
    split: [{upstream: a}]
    split_by: {cookie: s}
    filters:
      - {addresses: {}}
      - {maintenance: {}}
      - {redirect: {regex: x, to: /}}
      - {rewrite: {regex: x, to: /}}
      - {answer: {}}
      - {request_fields: {}}
      - {response_fields: {}}
      - {rate_limit: {requests: 1, key: {field: X-A}}}
      - {concurrency_limit: {requests: 1, key: {field: X-A}}}
      - {basic_auth: {}}
      - {forward_auth: {upstream: a}}
      - {cors: {origins: ["*"]}}
      - {compression: {codings: [gzip]}}
)";

/// Setting to default, of the tables in docs/lbd.md.
std::map<std::string, std::string> documented() {
  std::ifstream file{MAINSTAY_SOURCE_DIR "/docs/lbd.md"};
  REQUIRE(file.is_open());
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const auto end = line.find("` | ", 3);
    if (end == line.npos || line.find(' ', 3) < end) continue;  // of another table
    const auto next = line.find(" | ", end + 4);
    const bool is_new =
        rows.emplace(line.substr(3, end - 3), line.substr(end + 4, next - end - 4)).second;
    CAPTURE(line);
    CHECK(is_new);
  }
  return rows;
}

/// The same value, where both are written as one.
bool agree(const std::string& told, const std::string& known) {
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  };
  const auto time = common::parse_duration(known);
  if (time && (told == "0" || common::parse_duration(told)))
    return told == "0" ? time->count() == 0 : *time == *common::parse_duration(told);
  if (is_number(told) && is_number(known)) return told == known;
  const auto size = common::parse_bytes(known);
  if (size && common::parse_bytes(told)) return *size == *common::parse_bytes(told);
  const bool is_flag = (known == "true" || known == "false") && (told == "true" || told == "false");
  return !is_flag || told == known;
}

TEST_CASE("docs/lbd.md tells every setting there is, and no other, with its default",
          "[lb][config][docs]") {
  const auto settings = load_text(kEverything, "t.yaml").settings;
  const auto rows = documented();
  CHECK(rows.size() > 150);
  for (const auto& setting : settings) {
    CAPTURE(setting.path, setting.fallback);
    if (setting.path.starts_with("routes[].error_pages[]")) continue;  // as those of the site
    auto path = setting.path;
    if (path.starts_with("admin.tls.") && !rows.contains(path))
      path.replace(0, std::string{"admin"}.size(), "listeners[]");  // as those of a listener
    const auto found = rows.find(path);
    CHECK(found != rows.end());
    if (found == rows.end() || setting.fallback.empty()) continue;
    CAPTURE(found->second);
    CHECK(agree(found->second, setting.fallback));
  }
  for (const auto& [path, told] : rows) {
    CAPTURE(path);
    // A key that is a word or a mapping is asked for as what it is here.
    CHECK(std::any_of(settings.begin(), settings.end(), [&path = path](const auto& setting) {
      return setting.path == path || setting.path.starts_with(path + '.') ||
             setting.path.starts_with(path + '[');
    }));
  }
}

}  // namespace
}  // namespace lb::config

#pragma once

#include "lb/filters/filter.hpp"
#include "lb/http/connection_fields.hpp"
#include "lb/http/target.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>
#include <vector>

/// A request and the chain it goes through.
class Walk {
 public:
  explicit Walk(std::string_view target = "/", lb::http::Fields fields = {},
                std::string_view method = "GET") {
    head.method = lb::http::to_method(method);
    head.method_name = method;
    head.authority = "www.a.kr:8080";
    const auto parsed = lb::http::parse_target(target, true);
    REQUIRE(parsed);
    head.target = *parsed;
    for (auto& field : fields) field.id = lb::http::identify(field.name);
    head.fields = std::move(fields);
  }

  template <class Made, class... Args>
  Walk& with(Args&&... args) {
    chain->filters.push_back(std::make_shared<Made>(std::forward<Args>(args)...));
    return *this;
  }
  Walk& from(std::string_view address) {
    client = *common::IpAddress::parse(address);
    return *this;
  }
  lb::filters::Request request() const { return {head, client, "http", "id-1", now}; }
  lb::filters::Next go() {
    passage = std::make_unique<lb::filters::Passage>(chain);
    return passage->on_request(request());
  }
  bool passes() { return go() == lb::filters::Next::Pass; }
  /// The head as the endpoint gets it.
  lb::http::RequestHead forwarded() {
    REQUIRE(passes());
    auto changed = head;
    passage->edit(changed);
    return changed;
  }
  const lb::filters::Answer& answer() {
    REQUIRE(go() == lb::filters::Next::Answer);
    return passage->answer();
  }
  /// An answer with these fields, as the client gets it; `go()` first.
  lb::http::ResponseHead answered(lb::http::Fields fields = {}, unsigned status = 200) {
    lb::http::ResponseHead out;
    out.status = status;
    for (auto& field : fields) field.id = lb::http::identify(field.name);
    out.fields = std::move(fields);
    const bool of_head = head.method == lb::http::Method::Head;
    lb::filters::Response response{out, !of_head, false, 1, of_head};
    passage->on_response(response);
    return out;
  }

  lb::http::RequestHead head;
  common::IpAddress client{common::IpAddress::v4(0xC0000201)};
  common::TimePoint now{std::chrono::hours{1000}};
  std::shared_ptr<lb::filters::Chain> chain{std::make_shared<lb::filters::Chain>()};
  std::unique_ptr<lb::filters::Passage> passage;
};

/// All lines of a name that are passed on, joined by ` | `.
inline std::string lines(const lb::http::Fields& fields, std::string_view name) {
  std::string out;
  for (const auto& field : fields) {
    if (field.connection_specific || field.name != name) continue;
    if (!out.empty()) out += " | ";
    out += field.value;
  }
  return out;
}

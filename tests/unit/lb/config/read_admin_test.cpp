#include "lb/config/load.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace lb::config {
namespace {

Loaded with_admin(const std::string& admin) {
  return load_text(
      "listeners: [{address: \"127.0.0.1:80\"}]\n"
      "upstreams: [{name: a, endpoints: [\"127.0.0.1:1\"]}]\n"
      "routes: [{upstream: a}]\nadmin: " +
          admin + '\n',
      "t.yaml");
}

TEST_CASE("The operator's door stands at one or several addresses", "[lb][config][admin]") {
  struct Case {
    const char* admin;
    std::vector<std::string> listen;  // empty: it is refused
  };
  for (const auto& c : std::vector<Case>{
           {"{}", {"127.0.0.1:9101"}},
           {"{listen: \"[::1]:9\"}", {"[::1]:9"}},
           {"{listen: unix:/run/lbd/admin.sock}", {"unix:/run/lbd/admin.sock"}},
           {"{listen: [127.0.0.1:0, unix:/run/s]}", {"127.0.0.1:0", "unix:/run/s"}},
           {"{listen: unix:run/s}", {}},
           {"{listen: \"unix:/\"}", {}},
           {"{listen: localhost:9101}", {}},
           {"{listen: []}", {}},
           {"{listen: [127.0.0.1:1, 127.0.0.1:1]}", {}},
           {"{listen: {address: 127.0.0.1:1}}", {}},
           {"{listen: 127.0.0.1:80}", {}},  // a listener has it
           {"{hosts: [\"lb1.example.kr\"]}", {"127.0.0.1:9101"}},
           {"{hosts: [\"lb1.example.kr:80\"]}", {}},
           {"{tokens: x}", {}},
       }) {
    CAPTURE(c.admin);
    const auto loaded = with_admin(c.admin);
    REQUIRE((loaded.snapshot != nullptr) == !c.listen.empty());
    if (!loaded.snapshot) continue;
    std::vector<std::string> listen;
    for (const auto& address : loaded.snapshot->admin.listen) listen.push_back(address.to_string());
    CHECK(listen == c.listen);
  }
}

TEST_CASE("The operator's door refuses what of a listener's TLS it has no use for",
          "[lb][config][admin]") {
  for (const auto* setting : {"hsts: {max_age: 1h}", "ktls: true"}) {
    CAPTURE(setting);
    const auto loaded = with_admin(std::string{"{tls: {"} + setting + "}}");
    const auto path = "admin.tls." + std::string{setting}.substr(0, 4);
    CHECK(std::any_of(loaded.errors.begin(), loaded.errors.end(), [&path](const auto& error) {
      return error.to_string().find(path + ':') != std::string::npos;
    }));
  }
}

TEST_CASE("A token that everybody can read is a fault of the configuration",
          "[lb][config][admin]") {
  std::string path = "/tmp/lbd-token-XXXXXX";
  const int file = ::mkstemp(path.data());
  REQUIRE(file >= 0);
  ::close(file);
  std::ofstream{path} << "0123456789abcdef0123456789abcdef\n";
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  const auto loaded = with_admin("{token_file: " + path + "}");
  REQUIRE(loaded.snapshot);
  CHECK(loaded.snapshot->admin.token->matches("0123456789abcdef0123456789abcdef"));
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  const auto refused = with_admin("{token_file: " + path + "}");
  REQUIRE(refused.errors.size() == 1);
  CHECK(refused.errors.front().to_string().find("t.yaml:4: admin.token_file: " + path +
                                                " is open to everybody") == 0);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace lb::config

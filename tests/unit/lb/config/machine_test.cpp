#include "tests/unit/lb/config/support.hpp"

namespace lb::config {
namespace {

/// Against everything but one address and one file.
struct Hostile final : Machine {
  std::string against_listening(const common::SocketAddress& address) const override {
    return address.port == 81 ? "" : "somebody listens there";
  }
  std::string against_writing(const std::string& file) const override {
    return file == "/fit" ? "" : "it is a folder";
  }
};

TEST_CASE("What is in the way on this machine is warned of where it stands", "[lb][config]") {
  const std::string rest =
      "upstreams: [{name: a, endpoints: [\"127.0.0.1:1\"]}]\nroutes: [{upstream: a}]\n";
  const auto text =
      "listeners:\n  - address: 127.0.0.1:81\n  - address: 127.0.0.1:82\n"
      "access_log:\n  file: /unfit\n" +
      rest;
  const Hostile machine;
  const auto loaded = load_text(text, "t.yaml", &machine);
  CHECK(loaded.snapshot);
  REQUIRE(loaded.warnings.size() == 2);
  CHECK(has(loaded.warnings[0].to_string(), "t.yaml:3: listeners[1].address: somebody listens"));
  CHECK(has(loaded.warnings[1].to_string(), "t.yaml:5: access_log.file: it is a folder"));
  CHECK(load_text(text, "t.yaml").warnings.empty());
  const auto fit = "listeners: [{address: \"127.0.0.1:81\"}]\naccess_log: ";
  CHECK(load_text(fit + std::string{"{file: /fit}\n"} + rest, "t.yaml", &machine).warnings.empty());
  CHECK(load_text(fit + std::string{"{enabled: false, file: /unfit}\n"} + rest, "t.yaml", &machine)
            .warnings.empty());
}

}  // namespace
}  // namespace lb::config

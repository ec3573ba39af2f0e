#include "tests/support/catch.hpp"
#include "vrrpd/ctl/arguments.hpp"
#include "vrrpd/ctl/explain.hpp"
#include "vrrpd/ctl/render.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace vrrp::ctl {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

json::object router() {
  return json::parse(R"({"vrid": 51, "interface": "eth0", "state": "backup", "fit": true,
    "holding": false, "gave_away": false, "in_maintenance": false, "usable": true, "lease": true,
    "preempt": true, "priority": {"base": 100, "effective": 100},
    "active_advertisement_interval_ms": 1000, "addresses": ["192.168.10.100/24"], "tracks": [],
    "last_peer": {"address": "192.168.10.11", "priority": 200, "heard_ms_ago": 300}})")
      .as_object();
}

bool says(const json::object& about, std::string_view sentence) {
  const auto text = explain(about);
  CAPTURE(text);
  CHECK(text.find(sentence) != text.npos);
  return text.find(sentence) != text.npos;
}

TEST_CASE("Options of vrrpctl stand anywhere, and what is wrong is said", "[vrrp][ctl]") {
  const auto asked = read_arguments({"--json", "handover", "--wait=3s", "eth0/51", "--url", "::1"});
  REQUIRE(asked.has_value());
  CHECK(asked->verb == Verb::Handover);
  CHECK(asked->operands == std::vector<std::string>{"eth0/51"});
  CHECK(asked->wait == 3s);
  CHECK(asked->address == "http://::1");
  CHECK(asked->json);
  CHECK(read_arguments({"status", "--socket", "/run/s"})->address == "unix:/run/s");
  CHECK(read_arguments({"watch", "--help"})->verb == Verb::Help);
  for (const auto& wrong : std::vector<std::vector<std::string>>{{},
                                                                 {"fly"},
                                                                 {"maintenance"},
                                                                 {"handover", "1", "2"},
                                                                 {"status", "--wait"},
                                                                 {"status", "--wait", "soon"},
                                                                 {"status", "--socket", "relative"},
                                                                 {"status", "--url=ftp://a"},
                                                                 {"status", "--no-such"}}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_arguments(wrong).has_value());
  }
}

TEST_CASE("Every command has help and stands in every completion", "[vrrp][ctl]") {
  for (const auto& command : commands()) {
    CAPTURE(command.name);
    CHECK(usage().find(command.purpose) != std::string::npos);
    CHECK(help_of(command).find(command.purpose) != std::string::npos);
    for (const char* shell : {"bash", "zsh", "fish"})
      CHECK(completion(shell)->find(command.name) != std::string::npos);
  }
  CHECK_FALSE(completion("csh"));
}

TEST_CASE("It is explained why a node is Active or is not", "[vrrp][ctl]") {
  auto about = router();
  CHECK(says(about, "eth0/51 (192.168.10.100/24) is a Backup here"));
  CHECK(says(about, "192.168.10.11 (priority 200, heard 300 ms ago) is Active and not lesser"));
  about["priority"] = {{"base", 250}, {"effective", 250}};
  CHECK(says(about, "about to take over"));
  about["preempt"] = false;
  CHECK(says(about, "preempt is false"));
  about["gave_away"] = true;
  CHECK(says(about, "gave the addresses away on purpose"));
  about["last_peer"] = nullptr;
  CHECK(says(about, "hears nobody and is about to take over"));
  about["fit"] = false;
  about["in_maintenance"] = true;
  about["priority"] = {{"base", 250}, {"effective", 0}};
  about["tracks"] = json::array{{{"name", "lbd"}, {"up", false}}};
  CHECK(says(about, "nobody may be serving"));
  CHECK(says(about, "in maintenance"));
  CHECK(says(about, "Track lbd is down"));
  CHECK(says(about, "not fit"));

  about = router();
  about["state"] = "active";
  CHECK(says(about, "two routers advertise"));
  about.at("last_peer").as_object()["heard_ms_ago"] = 60'000;
  CHECK(says(about, "No better router advertises"));
  about["lease"] = false;
  CHECK(says(about, "no lease"));
}

TEST_CASE("The table of the status shows what is not as it should be", "[vrrp][ctl]") {
  auto bad = router();
  bad["fit"] = false;
  bad["usable"] = false;
  bad["priority"] = {{"base", 250}, {"effective", 0}};
  json::value status = {{"process", {{"version", "1"}, {"pid", 7}}},
                        {"maintenance", {{"on", true}, {"survives_restart", true}}},
                        {"routers", json::array{router(), bad}},
                        {"interfaces", json::array{{{"name", "eth0"}, {"usable", true}}}}};
  const auto text = render_status(status, {});
  CAPTURE(text);
  for (const char* part : {"pid 7", "maintenance, also after a restart", "eth0/51", "0 of 250",
                           "interface not usable", "192.168.10.11 prio 200, 0.3 s ago"})
    CHECK(text.find(part) != std::string::npos);
  CHECK_FALSE(is_well(status));
  status.as_object()["routers"] = json::array{router()};
  CHECK(is_well(status));
  CHECK(digest_of(router()) != digest_of(bad));
  for (const char* odd : {"null", "{}", "[]", R"({"routers": [1, {"tracks": 3}]})"})
    CHECK_NOTHROW(render_status(json::parse(odd), {}));
}

}  // namespace
}  // namespace vrrp::ctl

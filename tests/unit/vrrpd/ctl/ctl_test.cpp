#include "tests/support/catch.hpp"
#include "vrrpd/ctl/arguments.hpp"
#include "vrrpd/ctl/drill.hpp"
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
    "both_active": false, "failures": 0, "preempt": true, "priority": {"base": 100, "effective": 100},
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
  CHECK(read_arguments({"drill", "51", "--stay=1s"})->stay == 1s);
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
  auto by_word = router();
  by_word["by_word"] = true;
  CHECK(says(by_word, "by the channel of planned moves"));
  about["both_active"] = true;
  CHECK(says(about, "both are Active and do not hear each other"));
  about["lease"] = false;
  CHECK(says(about, "no lease"));
}

json::object active_router();

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
  auto both = active_router();
  both["both_active"] = true;
  status.as_object()["routers"] = json::array{both};
  CHECK_FALSE(is_well(status));
  CHECK(render_status(status, {}).find("both Active") != std::string::npos);
  both["both_active"] = false;
  both["by_word"] = true;
  status.as_object()["routers"] = json::array{both};
  CHECK_FALSE(is_well(status));
  CHECK(render_status(status, {}).find("advertisements do not arrive") != std::string::npos);
  for (const char* odd : {"null", "{}", "[]", R"({"routers": [1, {"tracks": 3}]})"})
    CHECK_NOTHROW(render_status(json::parse(odd), {}));
}

json::object active_router() {
  auto about = router();
  about["state"] = "active";
  about["planned_move"] = {{"successor", "192.168.10.12"},
                           {"under_way", false},
                           {"holding", false},
                           {"connections_held", 0},
                           {"last_took_ms", nullptr}};
  about["advertisements_received"] = 7;
  about["announcements_sent"] = 12;
  return about;
}

std::optional<std::string> refusal(json::object about, std::vector<std::string> operands = {}) {
  return drill_refusal(json::object{{"routers", json::array{std::move(about)}}}, operands);
}

TEST_CASE("A drill is refused where it would be none or would hurt", "[vrrp][ctl][drill]") {
  CHECK_FALSE(refusal(active_router()));
  CHECK_FALSE(refusal(active_router(), {"eth0/51"}));
  CHECK(refusal(active_router(), {"52"}) == "there is no such router here");
  CHECK(refusal(router())->find("no router is Active here") == 0);
  CHECK(refusal(router(), {"51"})->find("is not Active here") != std::string::npos);
  struct Case {
    const char* pointer;
    json::value is;
    const char* says;
  };
  const auto c = GENERATE(values<Case>({
      {"/in_maintenance", true, "maintenance"},
      {"/both_active", true, "Active, too"},
      {"/planned_move/under_way", true, "moved just now"},
      {"/planned_move/holding", true, "earlier move"},
      {"/planned_move/successor", nullptr, "nobody that could take over"},
      {"/planned_move", nullptr, "nobody that could take over"},
  }));
  CAPTURE(c.pointer);
  json::value about = active_router();
  about.at_pointer(c.pointer) = c.is;
  const auto why = refusal(about.as_object());
  REQUIRE(why);
  CHECK(why->find(c.says) != std::string::npos);
}

/// As it looks while the successor serves.
json::object given_away() {
  auto about = active_router();
  about["state"] = "backup";
  about["last_peer"] = {{"address", "192.168.10.12"}, {"priority", 100}, {"heard_ms_ago", 300}};
  about["planned_move"] = {{"connections_held", 4}, {"last_took_ms", 21.5}};
  about["advertisements_received"] = 12;
  return about;
}

TEST_CASE("A drill that went well says what was seen", "[vrrp][ctl][drill]") {
  Drill drill{active_router()};
  CHECK_FALSE(drill.passed());
  drill.on_away(given_away());
  auto back = active_router();
  back["announcements_sent"] = 24;
  drill.on_back(back, 35ms);
  CHECK(drill.passed());
  const auto text = drill.text();
  CAPTURE(text);
  for (const char* part :
       {"eth0/51: passed", "handed over to 192.168.10.12 in 21.5 ms", "5 advertisements of it",
        "300 ms (interval 1000 ms)", "4 connections", "within 35 ms, announced with 12 frames"})
    CHECK(text.find(part) != std::string::npos);
  CHECK(drill.json().at("passed").as_bool());
}

TEST_CASE("A drill tells each fault once, and fails", "[vrrp][ctl][drill]") {
  struct Case {
    const char* pointer;
    json::value is;
    const char* says;
  };
  const auto c = GENERATE(values<Case>({
      {"/failures", 1, "refused something"},
      {"/both_active", true, "both nodes"},
      {"/state", "active", "by themselves"},
      {"/last_peer/address", "192.168.10.13", "but 192.168.10.13 advertises"},
      {"/last_peer/heard_ms_ago", 3100, "silent"},
  }));
  CAPTURE(c.pointer);
  json::value away = given_away();
  away.at_pointer(c.pointer) = c.is;
  Drill drill{active_router()};
  drill.on_away(away);
  drill.on_away(away);
  drill.on_back(active_router(), 35ms);
  CHECK_FALSE(drill.passed());
  CHECK(drill.json().at("faults").as_array().size() == 1);
  CHECK(drill.text().find(c.says) != std::string::npos);
}

}  // namespace
}  // namespace vrrp::ctl

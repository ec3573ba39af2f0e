#include "app/ops/overview.hpp"

#include "app/ops/differences.hpp"
#include "app/ops/overview_json.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

using namespace booking;
using namespace std::chrono_literals;
using ops::Health;

namespace {

const common::WallTime kNow{std::chrono::sys_days{2026y / 12 / 1} + 1h};

ops::Answer said(const char* text) { return {200, text, boost::json::parse(text), {}}; }
ops::Answer silent() { return {0, {}, {}, "connection refused"}; }

std::string router(const char* state) {
  return std::string{R"({"routers":[{"vrid":51,"interface":"eth0","state":")"} + state +
         R"(","fit":true,"addresses":["192.168.10.100/24"]}]})";
}

constexpr const char* kUpstreams =
    R"([{"name":"bookd","endpoints":[{"address":"10.0.0.21:8080","state":"up"},)"
    R"({"address":"10.0.0.22:8080","state":"up"}]}])";

ops::OpsOptions options() {
  ops::OpsOptions made;
  made.load_balancers = {{"lb1", "http://10.0.0.11:9112", "http://10.0.0.11:9101"},
                         {"lb2", "http://10.0.0.12:9112", "http://10.0.0.12:9101"}};
  made.applications = {{"app1", "http://10.0.0.21:8080"}, {"app2", "http://10.0.0.22:8080"}};
  return made;
}

ops::Answers all_well() {
  ops::Answers answers;
  answers.vrrpd = {{"lb1", said(router("Active").c_str())},
                   {"lb2", said(router("Backup").c_str())}};
  answers.lbd = {{"lb1", said(kUpstreams)}, {"lb2", said(kUpstreams)}};
  answers.applications = {{"app1", said(R"({"ready":true})")}, {"app2", said(R"({"ready":true})")}};
  answers.databases = {
      {.node = "10.0.0.31:3306",
       .answers = true,
       .writable = true,
       .position = "0-31-100",
       .error = {}},
      {.node = "10.0.0.32:3306", .answers = true, .position = "0-31-97", .error = {}}};
  answers.alertmanager = said("[]");
  const auto second = [](common::WallTime time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
  };
  answers.backup_metrics =
      ops::Answer{200,
                  "# TYPE x gauge\nmainstay_backup_last_good_timestamp_seconds{kind=\"full\"} " +
                      second(kNow - 3h) +
                      "\nmainstay_backup_exit_code{command=\"drill\"} 0\n"
                      "mainstay_backup_run_timestamp_seconds{command=\"drill\"} " +
                      second(kNow - 48h) + "\n",
                  {},
                  {}};
  return answers;
}

ops::Overview look(const ops::Answers& answers) {
  return ops::make_overview(options(), answers, kNow);
}

}  // namespace

TEST_CASE("When all is well the overview says so, and who holds what", "[ops]") {
  const auto overview = look(all_well());
  CHECK(overview.overall == Health::Good);
  REQUIRE(overview.routers.size() == 1);
  CHECK(overview.routers[0].address == "192.168.10.100");
  CHECK(overview.routers[0].owner == "lb1");
  CHECK(overview.endpoint_rows.size() == 4);
  REQUIRE(overview.database_rows.size() == 2);
  CHECK(overview.database_rows[0].role == "primary");
  CHECK(overview.database_rows[1].role == "replica");
  CHECK(overview.database_rows[1].behind == 3);
  CHECK(overview.last_backup == kNow - 3h);
  CHECK(overview.last_drill == kNow - 48h);
  CHECK(overview.nodes.size() == 6);
}

TEST_CASE("What is not asked is not configured, and troubles nobody", "[ops]") {
  const auto overview = ops::make_overview({}, {}, kNow);
  CHECK(overview.overall == Health::Good);
  for (const auto health :
       {overview.vip, overview.endpoints, overview.database, overview.backup, overview.alerts})
    CHECK(health == Health::NotConfigured);
}

TEST_CASE("One of a pair is a warning, both are trouble", "[ops]") {
  auto answers = all_well();
  SECTION("a load balancer is silent") {
    answers.vrrpd["lb2"] = silent();
    answers.lbd["lb2"] = silent();
    const auto overview = look(answers);
    CHECK(overview.overall == Health::Warning);
    CHECK(overview.vip == Health::Warning);
  }
  SECTION("nobody holds the address") {
    answers.vrrpd["lb1"] = said(router("Backup").c_str());
    CHECK(look(answers).vip == Health::Bad);
    CHECK(look(answers).overall == Health::Bad);
  }
  SECTION("two hold the address") {
    answers.vrrpd["lb2"] = said(router("Active").c_str());
    CHECK(look(answers).routers[0].owner == "lb1, lb2");
    CHECK(look(answers).overall == Health::Bad);
  }
  SECTION("an application does not answer") {
    answers.applications["app1"] = silent();
    CHECK(look(answers).overall == Health::Warning);
    answers.applications["app2"] = silent();
    CHECK(look(answers).overall == Health::Bad);
  }
  SECTION("an application reads, and nothing can be written") {
    answers.applications["app1"] = said(
        R"({"status":"ready","writes":"unavailable","reasons":["database node a is read-only"]})");
    const auto overview = look(answers);
    CHECK(overview.nodes[2].health == Health::Warning);
    CHECK(overview.nodes[2].word == "database node a is read-only");
  }
  SECTION("an application is not ready, and says why") {
    answers.applications["app1"] = {503, "", boost::json::parse(R"({"reasons":["draining"]})"), {}};
    const auto overview = look(answers);
    CHECK(overview.nodes[2].health == Health::Bad);
    CHECK(overview.nodes[2].word == "draining");
  }
  SECTION("the replica is gone") {
    answers.databases[1].answers = false;
    CHECK(look(answers).database == Health::Warning);
  }
  SECTION("nothing takes writes") {
    answers.databases[0].writable = false;
    CHECK(look(answers).database == Health::Bad);
  }
  SECTION("both take writes") {
    answers.databases[1].writable = true;
    CHECK(look(answers).database == Health::Bad);
  }
  SECTION("no good backup for long") {
    answers.backup_metrics->text = "mainstay_backup_last_good_timestamp_seconds{kind=\"full\"} 1\n";
    CHECK(look(answers).backup == Health::Bad);
  }
  SECTION("a drill failed") {
    auto& text = answers.backup_metrics->text;
    text.replace(text.find("\"drill\"} 0"), 10, "\"drill\"} 3");
    CHECK(look(answers).backup == Health::Bad);
  }
  SECTION("an alert fires") {
    answers.alertmanager = said(
        R"([{"labels":{"alertname":"DiskFull","severity":"critical"},"annotations":{"summary":"s"},)"
        R"("startsAt":"2026-12-01T00:00:00Z"}])");
    CHECK(look(answers).alerts == Health::Bad);
    CHECK(look(answers).alert_rows[0].name == "DiskFull");
  }
}

TEST_CASE("Foreign answers of any shape are read without harm", "[ops]") {
  const auto* text = GENERATE("null", "[]", "{}", "[1,\"x\",{}]", R"({"routers":7})",
                              R"({"routers":[7,{"addresses":[7]},{"addresses":[]},{"vrid":"x"}]})",
                              R"([{"endpoints":[7,{}]},{"name":7,"endpoints":{}}])",
                              R"([{"labels":7,"annotations":[]}])");
  auto answers = all_well();
  answers.vrrpd["lb1"] = answers.lbd["lb1"] = answers.applications["app1"] = said(text);
  answers.alertmanager = said(text);
  answers.backup_metrics->text = text;
  const auto overview = look(answers);
  CHECK_FALSE(ops::overview_json(overview, {}).empty());
  CHECK(overview.overall != Health::Good);
}

TEST_CASE("What changes between two looks is told once", "[ops]") {
  const auto before = look(all_well());
  CHECK(ops::differences(before, before).empty());
  auto answers = all_well();
  answers.vrrpd["lb1"] = silent();
  answers.lbd["lb1"] = silent();
  answers.vrrpd["lb2"] = said(router("Active").c_str());
  const auto events = ops::differences(before, look(answers));
  const auto told = [&](const std::string& text) {
    return std::ranges::any_of(
        events, [&](const auto& event) { return event.text.find(text) != std::string::npos; });
  };
  CHECK(told("lb1: good → bad"));
  CHECK(told("VIP 192.168.10.100: lb1 → lb2"));
  CHECK(told("lb2: Backup → Active"));
}

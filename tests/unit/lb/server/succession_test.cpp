#include "lb/server/succession.hpp"

#include "tests/support/catch.hpp"

using namespace lb;
using upstream::Roster;

namespace {

const common::TimePoint kNow = common::TimePoint{} + std::chrono::hours{1};

upstream::EndpointSource endpoint(const char* address) {
  return {.from = upstream::FixedEndpoint{*common::SocketAddress::parse(address), ""}};
}

std::vector<upstream::UpstreamOptions> options() {
  upstream::UpstreamOptions made;
  made.name = "app";
  made.endpoints = {endpoint("10.0.0.1:80"), endpoint("10.0.0.2:80"), endpoint("10.0.0.3:80")};
  made.check.hysteresis = {2, 2};
  return {made};
}

std::unique_ptr<Roster> roster() {
  auto made = std::make_unique<Roster>(1, [](const auto&, const auto&) {});
  made->configure(options(), kNow);
  return made;
}

}  // namespace

TEST_CASE("A new binary knows what the old one knew of endpoints", "[server]") {
  const auto before = roster();
  CHECK(server::endpoints_for_successor(*before) == "{}");
  for (int i = 0; i < 2; ++i)
    before->on_check("app", "10.0.0.1:80", {.result = health::ProbeResult::Refused, .detail = {}},
                     kNow);
  before->set_draining("app", "10.0.0.2:80", true, kNow);
  before->set_weight("app", "10.0.0.2:80", 7, kNow);
  before->remove("app", "10.0.0.3:80", kNow);
  before->add("app", endpoint("10.0.0.9:80"), kNow);

  const auto after = roster();
  server::take_over_endpoints(server::endpoints_for_successor(*before), *after, kNow);
  const auto view = after->view("app");
  REQUIRE(view->size() == 3);
  CHECK_FALSE((*view)[0].usable);
  CHECK((*view)[1].draining);
  CHECK((*view)[1].weight == 7);
  CHECK((*view)[2].name == "10.0.0.9:80");
  CHECK(server::endpoints_for_successor(*after) == server::endpoints_for_successor(*before));
}

TEST_CASE("What a process of another release says does no harm", "[server]") {
  for (const char* text :
       {"", "[]", "{", R"({"app": []})", R"({"gone": {"10.0.0.1:80": {"draining": true}}})",
        R"({"app": {"10.0.0.1:80": {"draining": 1, "weight": "x", "failed": "later"}}})",
        R"({"app": {"new": {"address": "nowhere"}, "10.0.0.8:80": {"draining": true}}})"}) {
    const auto after = roster();
    server::take_over_endpoints(text, *after, kNow);
    CHECK(after->view("app")->size() == 3);
    CHECK((*after->view("app"))[0].usable);
  }
}

#include "lb/upstream/roster.hpp"

#include "lb/net/stream.hpp"
#include "tests/support/catch.hpp"

#include <map>

using namespace lb::upstream;
using namespace std::chrono_literals;
using lb::health::ProbeResult;

namespace {

const common::TimePoint kNow{1h};

EndpointSource fixed(const std::string& address, std::string name = {}) {
  return {.from = FixedEndpoint{*common::SocketAddress::parse(address), std::move(name)}};
}

UpstreamOptions upstream(std::vector<EndpointSource> endpoints) {
  UpstreamOptions options;
  options.name = "app";
  options.endpoints = std::move(endpoints);
  options.passive.least_endpoints = 0;
  return options;
}

lb::discovery::Found found(const std::string& address) {
  return {*common::SocketAddress::parse(address), {}, {}, {}, {}};
}

/// A roster whose publications are kept.
struct Fixture {
  std::map<std::string, std::shared_ptr<const RosterView>> published;
  int publications{0};
  Roster roster{2, [this](const std::string& name, auto view) {
                  published[name] = std::move(view);
                  ++publications;
                }};

  const RosterView& view() { return *published.at("app"); }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& endpoint : view()) all.push_back(endpoint.name);
    return all;
  }
  void check(const std::string& endpoint, ProbeResult result, int times = 1) {
    for (int i = 0; i < times; ++i) roster.on_check("app", endpoint, {result, "why", 1ms}, kNow);
  }
  void fail(std::size_t endpoint, std::uint64_t answered, std::uint64_t failed) {
    auto& counters = view()[endpoint].shared->by_worker[endpoint % 2].outcomes;
    counters[static_cast<std::size_t>(lb::telemetry::Outcome::Answered)].add(answered);
    counters[static_cast<std::size_t>(lb::telemetry::Outcome::ServerError)].add(failed);
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A roster publishes the endpoints of its configuration", "[lb][roster]") {
  Fixture f;
  auto second = fixed("10.0.0.2:80", "second");
  second.weight = 50;
  second.tier = kBackupTier;
  second.most_connections = 7;
  f.roster.configure({upstream({fixed("10.0.0.1:80"), second})}, kNow);
  REQUIRE(f.names() == Names{"10.0.0.1:80", "second"});
  CHECK(f.view()[0].usable);
  CHECK(f.view()[0].usable_since == common::TimePoint::min());  // the start is not slow
  CHECK(f.view()[0].shared->by_worker.size() == 2);
  CHECK(f.view()[1].weight == 50);
  CHECK(f.view()[1].tier == kBackupTier);
  CHECK(f.view()[1].most_connections == 7);
}

TEST_CASE("Checks take an endpoint out and the status says why", "[lb][roster]") {
  Fixture f;
  f.roster.configure({upstream({fixed("10.0.0.1:80"), fixed("10.0.0.2:80")})}, kNow);
  f.check("10.0.0.1:80", ProbeResult::WrongStatus);
  CHECK(f.view()[0].usable);
  CHECK(f.roster.on_check("app", "10.0.0.2:80", {ProbeResult::Refused, {}, 1ms}, kNow));  // wavers
  f.check("10.0.0.1:80", ProbeResult::WrongStatus);
  CHECK_FALSE(f.view()[0].usable);
  const auto status = f.roster.status().front();
  CHECK(status.endpoints[0].reason == "check: unexpected status: why");
  CHECK(status.endpoints[0].since == kNow);
  CHECK(status.endpoints[0].failed_in_row == 2);
  CHECK(status.endpoints[1].reason.empty());
  CHECK(f.roster.has_usable("app"));
  f.check("10.0.0.1:80", ProbeResult::Passed, 2);
  CHECK(f.view()[0].usable);
  CHECK(f.view()[0].usable_since == kNow);  // from here it starts slowly
}

TEST_CASE("A new configuration keeps what is known of those who stay", "[lb][roster]") {
  Fixture f;
  f.roster.configure({upstream({fixed("10.0.0.1:80"), fixed("10.0.0.2:80")})}, kNow);
  f.check("10.0.0.1:80", ProbeResult::Refused, 2);
  const auto shared = f.view()[0].shared;
  f.roster.configure({upstream({fixed("10.0.0.3:80"), fixed("10.0.0.1:80")})}, kNow + 1s);
  REQUIRE(f.names() == Names{"10.0.0.3:80", "10.0.0.1:80"});
  CHECK(f.view()[0].usable_since == kNow + 1s);  // a newcomer
  CHECK_FALSE(f.view()[1].usable);
  CHECK(f.view()[1].shared == shared);
  SECTION("the same configuration once more publishes nothing") {
    const auto before = f.publications;
    f.roster.configure({upstream({fixed("10.0.0.3:80"), fixed("10.0.0.1:80")})}, kNow + 2s);
    CHECK(f.publications == before);
  }
  SECTION("without checks nobody is down") {
    auto unchecked = upstream({fixed("10.0.0.1:80")});
    unchecked.check.enabled = false;
    f.roster.configure({unchecked}, kNow + 2s);
    CHECK(f.view()[0].usable);
  }
  SECTION("another address under the old name is another server") {
    f.roster.configure({upstream({fixed("10.0.0.9:80", "10.0.0.1:80")})}, kNow + 2s);
    CHECK(f.view()[0].usable);
  }
  SECTION("an upstream that is gone is unknown") {
    f.roster.configure({}, kNow + 2s);
    CHECK(f.roster.view("app") == nullptr);
    CHECK_FALSE(f.roster.has_usable("app"));
  }
}

TEST_CASE("What the operator wants holds over a new configuration", "[lb][roster]") {
  Fixture f;
  const auto options = upstream({fixed("10.0.0.1:80"), fixed("10.0.0.2:80")});
  f.roster.configure({options}, kNow);
  using Answer = Roster::Answer;
  CHECK(f.roster.set_draining("app", "10.0.0.1:80", true, kNow) == Answer::Done);
  CHECK(f.roster.set_weight("app", "10.0.0.2:80", 7, kNow) == Answer::Done);
  CHECK(f.roster.add("app", fixed("10.0.0.3:80"), kNow) == Answer::Done);
  CHECK(f.roster.add("app", fixed("10.0.0.3:80"), kNow) == Answer::Exists);
  CHECK(f.roster.set_weight("app", "10.0.0.9:80", 7, kNow) == Answer::NoEndpoint);
  CHECK(f.roster.set_weight("none", "10.0.0.1:80", 7, kNow) == Answer::NoUpstream);
  f.roster.configure({options}, kNow);
  REQUIRE(f.view().size() == 3);
  CHECK(f.view()[0].draining);
  CHECK(f.view()[0].usable);
  CHECK(f.view()[1].weight == 7);
  CHECK(f.roster.status().front().endpoints[1].configured_weight == 100);
  CHECK(f.roster.status().front().endpoints[2].origin == Origin::Operator);
  CHECK(f.roster.remove("app", "10.0.0.3:80", kNow) == Answer::Done);
  CHECK(f.roster.remove("app", "10.0.0.1:80", kNow) == Answer::Done);
  f.roster.configure({options}, kNow);
  CHECK(f.names() == Names{"10.0.0.2:80"});
  CHECK(f.roster.add("app", fixed("10.0.0.1:80"), kNow) == Answer::Done);
  CHECK(f.names() == Names{"10.0.0.1:80", "10.0.0.2:80"});  // as its own source has it
  CHECK_FALSE(f.view()[0].draining);
}

TEST_CASE("A source that cannot be looked up keeps what it named last", "[lb][roster]") {
  Fixture f;
  EndpointSource dns{.from = lb::discovery::DnsName{"app.internal", 80, {}}};
  dns.weight = 30;
  f.roster.configure({upstream({dns, fixed("10.0.0.9:80")})}, kNow);
  CHECK(f.names() == Names{"10.0.0.9:80"});
  f.roster.on_source_failed("app", 0, "no such name", kNow);
  CHECK(f.roster.status().front().sources.front().error == "no such name");
  f.roster.on_found("app", 0, {found("10.0.0.1:80"), found("10.0.0.2:80")}, kNow);
  CHECK(f.names() == Names{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.9:80"});
  CHECK(f.view()[0].weight == 30);
  CHECK(f.view()[0].usable_since == common::TimePoint::min());  // the first answer is the start
  f.roster.on_source_failed("app", 0, "timeout", kNow);
  CHECK(f.view().size() == 3);
  CHECK(f.roster.status().front().sources.front().error == "timeout");
  f.roster.on_found("app", 0, {found("10.0.0.2:80"), found("10.0.0.3:80")}, kNow + 5s);
  CHECK(f.names() == Names{"10.0.0.2:80", "10.0.0.3:80", "10.0.0.9:80"});
  CHECK(f.view()[1].usable_since == kNow + 5s);
  f.roster.configure({upstream({dns})}, kNow + 6s);
  CHECK(f.names() == Names{"10.0.0.2:80", "10.0.0.3:80"});
}

TEST_CASE("An upstream takes no more endpoints than it can hold", "[lb][roster]") {
  Fixture f;
  f.roster.configure({upstream({{.from = lb::discovery::EndpointFile{"/x"}}})}, kNow);
  std::vector<lb::discovery::Found> many;
  for (std::size_t i = 0; i < Roster::kMostEndpoints + 3; ++i)
    many.push_back(found("10.0.0.1:" + std::to_string(i + 1)));
  many.push_back(many.front());
  f.roster.on_found("app", 0, many, kNow);
  CHECK(f.view().size() == Roster::kMostEndpoints);
  CHECK(f.roster.status().front().sources.front().error.starts_with("3 endpoints are left out"));
}

TEST_CASE("Failures in a row eject an endpoint for a while, and never the last one",
          "[lb][roster]") {
  Fixture f;
  const auto event = lb::health::PassiveEvent::ConsecutiveFailures;
  f.roster.configure({upstream({fixed("10.0.0.1:80"), fixed("10.0.0.2:80")})}, kNow);
  CHECK(f.roster.next_deadline() == common::TimePoint::max());
  f.roster.on_passive("app", "10.0.0.1:80", event, kNow);
  CHECK_FALSE(f.view()[0].usable);
  f.roster.on_passive("app", "10.0.0.2:80", event, kNow);
  CHECK(f.view()[1].usable);
  CHECK(f.roster.status().front().endpoints[0].reason == "passive: failed requests in a row");
  CHECK(f.roster.next_deadline() == kNow + 10s);
  f.roster.advance(kNow + 10s);
  CHECK(f.view()[0].usable);
  CHECK(f.view()[0].usable_since == kNow + 10s);
  f.roster.on_passive("app", "10.0.0.1:80", event, kNow + 11s);
  CHECK(f.roster.next_deadline() == kNow + 31s);  // longer than the first time
  SECTION("a checked endpoint that is down does not count as one that could serve") {
    f.check("10.0.0.2:80", ProbeResult::Refused, 2);
    f.roster.advance(kNow + 31s);
    f.roster.on_passive("app", "10.0.0.1:80", event, kNow + 32s);
    CHECK(f.view()[0].usable);
  }
  SECTION("an ejected one is back as soon as a check condemns the only other") {
    CHECK_FALSE(f.view()[0].usable);
    f.check("10.0.0.2:80", ProbeResult::Refused, 2);
    CHECK_FALSE(f.view()[1].usable);
    CHECK(f.view()[0].usable);
  }
  SECTION("an ejected one is back as soon as the operator drains the only other") {
    f.roster.set_draining("app", "10.0.0.2:80", true, kNow + 12s);
    CHECK(f.view()[0].usable);
  }
}

TEST_CASE("A success rate far below the others' ejects an endpoint", "[lb][roster]") {
  Fixture f;
  std::vector<EndpointSource> five;
  for (int i = 1; i <= 5; ++i) five.push_back(fixed("10.0.0." + std::to_string(i) + ":80"));
  auto options = upstream(five);
  options.passive = {};
  f.roster.configure({options}, kNow);
  f.roster.advance(kNow);
  CHECK(f.roster.next_deadline() == kNow + options.passive.interval);
  for (std::size_t i = 0; i < 5; ++i) f.fail(i, 200, i == 3 ? 300 : 0);
  f.roster.advance(kNow + 10s);
  for (std::size_t i = 0; i < 5; ++i) CHECK(f.view()[i].usable == (i != 3));
}

TEST_CASE("An open circuit takes an endpoint out, a half open one lets a few requests try",
          "[lb][roster]") {
  Fixture f;
  auto options = upstream({fixed("10.0.0.1:80"), fixed("10.0.0.2:80")});
  options.circuit.enabled = true;
  f.roster.configure({options}, kNow);
  f.roster.advance(kNow);
  f.fail(0, 10, 30);
  f.roster.advance(kNow + 1s);
  CHECK_FALSE(f.view()[0].usable);
  CHECK(f.view()[1].usable);
  CHECK(f.roster.status().front().endpoints[0].reason == "circuit: open, too many requests failed");
  f.roster.advance(kNow + 6s);
  CHECK(f.view()[0].usable);
  CHECK(f.view()[0].most_connections == options.circuit.trials);
  f.fail(0, 3, 0);
  f.roster.advance(kNow + 7s);
  CHECK(f.view()[0].most_connections == 0);
}

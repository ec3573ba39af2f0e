#include "lb/health/outliers.hpp"

#include "tests/support/catch.hpp"

#include <array>

using namespace lb::health;
using namespace std::chrono_literals;

namespace {

const common::TimePoint kNow{1h};
constexpr std::array<std::string_view, 5> kAll{"a", "b", "c", "d", "e"};

Outliers outliers(PassiveOptions options = {}, std::size_t endpoints = 5) {
  Outliers made{options};
  made.retain(std::span{kAll}.first(endpoints));
  return made;
}

/// Everybody serves 1000 requests, `bad` of "a" fail.
std::vector<Served> served(std::uint64_t bad, std::uint64_t others_bad = 2) {
  std::vector<Served> all;
  for (const auto name : kAll) all.push_back({name, 1000 - others_bad, others_bad});
  all.front() = {"a", 1000 - bad, bad};
  return all;
}

}  // namespace

TEST_CASE("An ejection ends when its time is over", "[lb][health]") {
  auto made = outliers();
  CHECK(made.next_deadline() == common::TimePoint::max());
  CHECK(made.on_consecutive_failures("a", kNow));
  CHECK(made.is_ejected("a"));
  CHECK(made.find("a")->reason == Ejection::ConsecutiveFailures);
  CHECK(made.next_deadline() == kNow + 10s);
  CHECK_FALSE(made.on_time(kNow + 9s));
  CHECK(made.on_time(kNow + 10s));
  CHECK_FALSE(made.is_ejected("a"));
  CHECK(made.next_deadline() == common::TimePoint::max());
}

TEST_CASE("Each ejection is longer than the one before, up to a bound", "[lb][health]") {
  auto made = outliers({.ejection = 10s, .most_ejection = 25s});
  auto now = kNow;
  for (const auto expected : {10s, 20s, 25s, 25s}) {
    CHECK(made.on_consecutive_failures("a", now));
    CHECK(made.next_deadline() == now + expected);
    now += expected;
    made.on_time(now);
  }
}

TEST_CASE("Good intervals are forgiving", "[lb][health]") {
  auto made = outliers();
  made.on_consecutive_failures("a", kNow);
  made.on_time(kNow + 10s);
  made.on_consecutive_failures("a", kNow + 10s);
  made.on_time(kNow + 30s);
  CHECK(made.find("a")->times == 2);
  made.on_interval(served(0), kNow + 35s);  // too soon after it came back
  CHECK(made.find("a")->times == 2);
  made.on_interval(served(0), kNow + 45s);
  CHECK(made.find("a")->times == 1);
  made.on_interval(served(3), kNow + 55s);
  CHECK(made.find("a")->times == 1);
  made.on_interval(served(0), kNow + 65s);
  CHECK(made.find("a")->times == 0);
}

TEST_CASE("Only a share may be ejected, and never the last", "[lb][health]") {
  struct Row {
    std::size_t endpoints;
    unsigned percent;
    std::size_t ejected;
  };
  const auto row = GENERATE(Row{5, 50, 2}, Row{5, 100, 4}, Row{5, 0, 0}, Row{5, 10, 1},
                            Row{2, 50, 1}, Row{2, 100, 1}, Row{1, 100, 0}, Row{3, 10, 1});
  auto made = outliers({.most_ejected_percent = row.percent}, row.endpoints);
  std::size_t ejected = 0;
  for (std::size_t i = 0; i < row.endpoints; ++i)
    ejected += made.on_consecutive_failures(kAll[i], kNow) ? 1U : 0U;
  CHECK(ejected == row.ejected);
}

TEST_CASE("The last is never out, also when the others left after his ejection", "[lb][health]") {
  auto made = outliers({.most_ejected_percent = 100});
  CHECK(made.on_consecutive_failures("b", kNow));
  CHECK(made.on_consecutive_failures("a", kNow + 1s));
  made.retain(std::span{kAll}.first(3));
  CHECK(made.is_ejected("a"));
  CHECK(made.is_ejected("b"));
  made.retain(std::span{kAll}.first(2));
  CHECK(made.is_ejected("a"));
  CHECK_FALSE(made.is_ejected("b"));  // his time would have been over first
  CHECK(made.find("b")->times == 1);
  made.retain(std::span{kAll}.first(1));
  CHECK_FALSE(made.is_ejected("a"));
  CHECK(made.next_deadline() == common::TimePoint::max());
}

TEST_CASE("Who serves worse than the others is out", "[lb][health]") {
  auto strict = outliers();
  CHECK(strict.on_interval(served(400), kNow));
  CHECK(strict.is_ejected("a"));
  CHECK(strict.find("a")->reason == Ejection::SuccessRate);
  CHECK_FALSE(strict.is_ejected("b"));
}

TEST_CASE("Rates say nothing of few requests, few endpoints or equals", "[lb][health]") {
  auto few_requests = outliers({.least_requests = 2000});
  CHECK_FALSE(few_requests.on_interval(served(900), kNow));
  auto few_endpoints = outliers({.least_endpoints = 6});
  CHECK_FALSE(few_endpoints.on_interval(served(900), kNow));
  auto off = outliers({.least_endpoints = 0});
  CHECK_FALSE(off.on_interval(served(900), kNow));
  auto equals = outliers();
  CHECK_FALSE(equals.on_interval(served(500, 500), kNow));  // all are bad: none is an outlier
}

TEST_CASE("Who has left is forgotten", "[lb][health]") {
  auto made = outliers();
  made.on_consecutive_failures("a", kNow);
  made.retain(std::span{kAll}.last(4));
  CHECK(made.find("a") == nullptr);
  CHECK_FALSE(made.on_consecutive_failures("a", kNow));
  made.retain(kAll);
  CHECK_FALSE(made.is_ejected("a"));
}

#include "scripts/strobe/measure/timeline.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace std::chrono_literals;
using namespace strobe::measure;

TEST_CASE("A request counts where it was due, in whatever order they end", "[strobe]") {
  Timeline timeline{Schedule{10, 30}, 1s};
  for (std::uint64_t n = 30; n-- > 0;) {
    const bool stalled = n == 9;  // due in the first second, answered in the last
    timeline.add({.n = n,
                  .kind = "get",
                  .latency = stalled ? 2000ms : 1ms,
                  .failure = n >= 25 ? Failure::Timeout : Failure::None});
  }
  const auto object = boost::json::parse(timeline.to_json(5000)).as_object();
  CHECK(object.at("begin").to_number<double>() == 5000);
  CHECK(object.at("every_ms").to_number<double>() == 1000);
  const auto& points = object.at("points").as_array();
  REQUIRE(points.size() == 3);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].at("ms").to_number<double>() == 1000.0 * static_cast<double>(i));
    CHECK(points[i].at("requests") == 10);
    CHECK(points[i].at("failed") == (i == 2 ? 5 : 0));
    CHECK(points[i].at("p99").to_number<double>() == Approx(i == 0 ? 2000 : 1).epsilon(1.0 / 64));
  }
}

TEST_CASE("A stretch in which nothing was due has a point of nothing", "[strobe]") {
  Timeline timeline{Schedule{1, 3}, 500ms};
  timeline.add({.n = 2, .kind = "get", .failure = Failure::Refused});
  const auto object = boost::json::parse(timeline.to_json(5000)).as_object();
  const auto& points = object.at("points").as_array();
  REQUIRE(points.size() == 5);
  CHECK(points[0].at("requests") == 0);
  CHECK(points[4].at("requests") == 1);
}

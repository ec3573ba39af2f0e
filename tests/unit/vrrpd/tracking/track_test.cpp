#include "vrrpd/tracking/track.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::tracking {
namespace {

Track track(OnFailure on_failure, std::uint8_t lower_by = 50) {
  return Track{{.name = "lbd", .address = {}, .on_failure = on_failure, .lower_by = lower_by}};
}

TEST_CASE("What has not answered yet is down, and the first answer is believed",
          "[vrrp][tracking]") {
  auto unknown = track(OnFailure::Release);
  CHECK_FALSE(unknown.up());
  const bool first = GENERATE(true, false);
  CHECK(unknown.on_result(first) == first);
  CHECK(unknown.up() == first);
}

TEST_CASE("Later a verdict needs its results in a row", "[vrrp][tracking]") {
  auto lbd = track(OnFailure::Release);
  lbd.on_result(true);
  CHECK_FALSE(lbd.on_result(false));
  CHECK_FALSE(lbd.on_result(true));
  CHECK_FALSE(lbd.on_result(false));
  CHECK(lbd.on_result(false));
  CHECK_FALSE(lbd.up());
  CHECK_FALSE(lbd.on_result(true));
  CHECK(lbd.on_result(true));
  CHECK(lbd.up());
}

TEST_CASE("Tracks lower the priority or make the router unfit", "[vrrp][tracking]") {
  struct Case {
    const char* name;
    int base;
    std::vector<Track> tracks;
    int effective;
  };
  auto up = track(OnFailure::Release);
  up.on_result(true);
  const Case cases[] = {
      {"nothing tracked", 200, {}, 200},
      {"all well", 200, {up}, 200},
      {"one lowers", 200, {up, track(OnFailure::LowerPriority)}, 150},
      {"two lower",
       200,
       {track(OnFailure::LowerPriority), track(OnFailure::LowerPriority, 30)},
       120},
      {"never below 1", 40, {track(OnFailure::LowerPriority)}, 1},
      {"one releases", 200, {up, track(OnFailure::Release)}, 0},
      {"release outweighs lowering",
       200,
       {track(OnFailure::LowerPriority), track(OnFailure::Release)},
       0},
      {"an owner is not lowered", 255, {track(OnFailure::LowerPriority)}, 255},
      {"an owner can be unfit", 255, {track(OnFailure::Release)}, 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(effective_priority({static_cast<std::uint8_t>(c.base)}, c.tracks).value == c.effective);
  }
}

}  // namespace
}  // namespace vrrp::tracking

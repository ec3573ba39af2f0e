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
    std::uint8_t base;
    std::uint8_t effective;
    std::vector<Track> tracks;
  };
  constexpr auto kLower = OnFailure::LowerPriority;
  constexpr auto kRelease = OnFailure::Release;
  auto up = track(kRelease);
  up.on_result(true);
  const Case cases[] = {
      {"nothing tracked", 200, 200, {}},
      {"all well", 200, 200, {up}},
      {"one lowers", 200, 150, {up, track(kLower)}},
      {"two lower", 200, 120, {track(kLower), track(kLower, 30)}},
      {"never below 1", 40, 1, {track(kLower)}},
      {"one releases", 200, 0, {up, track(kRelease)}},
      {"release outweighs lowering", 200, 0, {track(kLower), track(kRelease)}},
      {"an owner is not lowered", 255, 255, {track(kLower)}},
      {"an owner can be unfit", 255, 0, {track(kRelease)}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(effective_priority({c.base}, c.tracks) == Priority{c.effective});
  }
}

}  // namespace
}  // namespace vrrp::tracking

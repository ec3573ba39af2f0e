#include "vrrpd/tracking/track.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::tracking {
namespace {

Track track(OnFailure on_failure, std::uint8_t lower_by = 50) {
  return Track{{.name = "lbd", .on_failure = on_failure, .lower_by = lower_by}};
}

TEST_CASE("What has not answered yet is down, and the first answer is believed",
          "[vrrp][tracking]") {
  auto unknown = track(OnFailure::Release);
  CHECK_FALSE(unknown.up());
  const bool first = GENERATE(true, false);
  CHECK(unknown.on_finding({.good = first}));
  CHECK(unknown.up() == first);
}

TEST_CASE("Later a verdict needs its results in a row", "[vrrp][tracking]") {
  auto lbd = track(OnFailure::Release);
  lbd.on_finding({.good = true});
  CHECK_FALSE(lbd.on_finding({.good = false}));
  CHECK_FALSE(lbd.on_finding({.good = true}));
  CHECK_FALSE(lbd.on_finding({.good = false}));
  CHECK(lbd.on_finding({.good = false}));
  CHECK_FALSE(lbd.up());
  CHECK_FALSE(lbd.on_finding({.good = true}));
  CHECK(lbd.on_finding({.good = true}));
  CHECK(lbd.up());
}

TEST_CASE("A track that is added to a running router counts as up until its first finding",
          "[vrrp][tracking]") {
  Track added{{.name = "lbd"}, Track::Unknown::Up};
  CHECK(added.up());
  CHECK(added.on_finding({.good = false}));
  CHECK_FALSE(added.up());
}

TEST_CASE("An event turns the verdict at once, whatever rise and fall say", "[vrrp][tracking]") {
  auto lbd = track(OnFailure::Release);
  lbd.on_finding({.good = true});
  CHECK(lbd.on_finding({.good = false, .at_once = true}));
  CHECK_FALSE(lbd.up());
  CHECK_FALSE(lbd.on_finding({.good = true}));
  CHECK(lbd.on_finding({.good = true, .at_once = true}));
  CHECK(lbd.up());
}

TEST_CASE("The number in a file changes the priority", "[vrrp][tracking]") {
  struct Case {
    std::uint8_t base;
    int weight;
    std::uint8_t effective;
  };
  const auto c = GENERATE(values<Case>({{100, 0, 100},
                                        {100, 50, 150},
                                        {100, -50, 50},
                                        {100, -200, 1},
                                        {200, 254, 254},
                                        {200, -254, 0},
                                        {255, -100, 255}}));
  CAPTURE(c.base, c.weight);
  std::vector<Track> tracks{track(OnFailure::Release)};
  tracks[0].on_finding({.good = true});
  CHECK(tracks[0].on_finding({.good = true, .weight = c.weight}) == (c.weight != 0));
  CHECK(effective_priority({c.base}, tracks) == Priority{c.effective});
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
  up.on_finding({.good = true});
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

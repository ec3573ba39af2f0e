#include "vrrpd/daemon/usual.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::daemon {
namespace {

constexpr link::MessageStart kStart{0x31, 51, 254, 1, 0, 1};
constexpr link::MessageStart kOther{0x31, 51, 200, 1, 0, 1};

/// How often until `starts` changed, at most 100 times.
int repeat(Usual& usual, Vrid vrid, const link::MessageStart& start) {
  for (int times = 1; times < 100; ++times)
    if (usual.note(vrid, start)) return times;
  return 0;
}

TEST_CASE("Usual is what was said ten times in a row", "[vrrp][daemon]") {
  Usual usual;
  CHECK(repeat(usual, {51}, kStart) == Usual::kTimes);
  CHECK(usual.starts() == Usual::Starts{kStart});
  CHECK(usual.has(kStart));
  CHECK_FALSE(usual.has(kOther));
  CHECK(repeat(usual, {51}, kStart) == 0);
}

TEST_CASE("What is said once is no habit, and ends one", "[vrrp][daemon]") {
  Usual usual;
  for (int i = 1; i < Usual::kTimes; ++i) CHECK_FALSE(usual.note({51}, kStart));
  CHECK_FALSE(usual.has(kStart));
  CHECK_FALSE(usual.note({51}, kOther));
  CHECK(repeat(usual, {51}, kStart) == Usual::kTimes);
  CHECK(usual.note({51}, kOther));
  CHECK(usual.starts().empty());
}

TEST_CASE("A router that is to be heard at once has no habits", "[vrrp][daemon]") {
  Usual usual;
  CHECK_FALSE(usual.forget({51}));
  usual.note({51}, kStart);
  CHECK_FALSE(usual.forget({51}));
  repeat(usual, {51}, kStart);
  repeat(usual, {52}, kOther);
  CHECK(usual.forget({51}));
  CHECK(usual.starts() == Usual::Starts{kOther});
}

TEST_CASE("Of more routers than a bell knows the others are heard at once", "[vrrp][daemon]") {
  Usual usual;
  for (std::uint8_t vrid = 1; vrid <= 20; ++vrid) repeat(usual, {vrid}, kStart);
  CHECK(usual.starts().size() == link::Bell::kMostUsual);
  CHECK(usual.forget({1}));
  CHECK(repeat(usual, {20}, kOther) == Usual::kTimes);
}

}  // namespace
}  // namespace vrrp::daemon

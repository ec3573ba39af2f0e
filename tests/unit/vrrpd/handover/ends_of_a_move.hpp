#pragma once

#include "tests/support/catch.hpp"
#include "vrrpd/handover/transfer.hpp"

namespace vrrp::handover {

using namespace std::chrono_literals;
using common::TimePoint;

inline constexpr TimePoint kStart{1h};
inline constexpr auto kDrain = 30s;
inline const auto kGiver = common::IpAddress::v4(0xC0A80A0B);
inline const auto kTaker = common::IpAddress::v4(0xC0A80A0C);
inline const auto kThird = common::IpAddress::v4(0xC0A80A0D);
inline const Places kPlaces{{.vrid = {51}, .mac = {2, 0, 0, 0, 0, 9}}};
inline constexpr Self kActive{.active = true, .fit = true, .priority = {200}};
inline constexpr Self kBackup{.active = false, .fit = true, .priority = {100}};

inline Message word(Kind kind, std::uint64_t id = 0, int priority = 100) {
  return {.kind = kind,
          .vrid = {51},
          .priority = {static_cast<std::uint8_t>(priority)},
          .active = kind == Kind::Offer || kind == Kind::Go,
          .places = kPlaces,
          .transfer = id};
}

/// Active, and a Backup has said Hello.
inline Transfer acquainted() {
  Transfer transfer{kDrain};
  CHECK(transfer.on_message(kTaker, word(Kind::Hello), kActive, kStart) ==
        Steps{Say{Kind::Hello, kTaker}});
  return transfer;
}

/// Its addresses are with the taker, connections live on here.
inline Transfer holder() {
  auto transfer = acquainted();
  Steps steps;
  REQUIRE(transfer.begin(1, kActive, kStart, steps));
  transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart);
  REQUIRE(transfer.on_advertisement(kTaker, kActive, kStart) == Steps{Withdraw{}});
  return transfer;
}

/// Active by a Go, while the giver still holds.
inline Transfer taker() {
  Transfer transfer{kDrain};
  transfer.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart);
  REQUIRE(transfer.on_message(kGiver, word(Kind::Go, 1), kBackup, kStart) == Steps{TakeOver{}});
  return transfer;
}

}  // namespace vrrp::handover

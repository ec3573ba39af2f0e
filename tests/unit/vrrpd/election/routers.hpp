#pragma once

#include "tests/support/catch.hpp"
#include "vrrpd/election/virtual_router.hpp"

namespace vrrp::election {

using namespace std::chrono_literals;

inline constexpr common::TimePoint kStart{1h};
inline constexpr Centiseconds kInterval{100};

inline Heard heard(int priority, bool from_greater_address = false,
                   Centiseconds interval = kInterval) {
  return {.priority = {static_cast<std::uint8_t>(priority)},
          .max_advertise_interval = interval,
          .from_greater_address = from_greater_address};
}

inline VirtualRouter backup_router(Parameters parameters) {
  VirtualRouter router{parameters};
  REQUIRE(router.start(kStart).empty());
  REQUIRE(router.state() == State::Backup);
  return router;
}

/// Active, its first announcements made; returned at `kSettled`.
inline constexpr auto kSettled = kStart + 10s;
inline VirtualRouter active_router(Parameters parameters) {
  VirtualRouter router{parameters};
  router.start(kStart);
  while (router.next_deadline() <= kSettled) router.on_deadline(router.next_deadline());
  REQUIRE(router.state() == State::Active);
  return router;
}

inline const Actions kTakeOver100{TakeAddresses{}, Announce{}, SendAdvertisement{{100}}};

}  // namespace vrrp::election

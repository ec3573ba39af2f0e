#include "vrrpd/election/sync_group.hpp"

#include "tests/unit/vrrpd/election/routers.hpp"

namespace vrrp::election {
namespace {

constexpr auto kSilence = 4s;

TEST_CASE("Of equal priorities the first network on which a rival is heard decides",
          "[vrrp][election][group][rfc9568-6.4.3]") {
  SyncGroup group{2};
  const auto equal = heard(100, true);
  const auto greater = [&](std::size_t network, common::Duration at) {
    return group.on_advertisement(network, equal, kSilence, kStart + at).from_greater_address;
  };
  // The first word after a cut may come over any network.
  CHECK_FALSE(greater(1, 0s));
  CHECK(greater(0, 0s));
  CHECK_FALSE(greater(1, 2s));
  // The first has fallen silent, the second is heard without a pause.
  CHECK_FALSE(greater(1, 3999ms));
  CHECK(greater(1, 4s));
  CHECK(greater(0, 5s));
  CHECK_FALSE(greater(1, 5s));
}

TEST_CASE("Two nodes that are ordered otherwise on each network do not both yield",
          "[vrrp][election][group]") {
  SyncGroup one{2};
  SyncGroup other{2};
  auto first = active_router({.priority = {100}});
  auto second = active_router({.priority = {100}});
  const auto hear = [](SyncGroup& group, VirtualRouter& router, std::size_t network, bool greater) {
    router.on_advertisement(
        group.on_advertisement(network, heard(100, greater), kSilence, kSettled), kSettled);
  };
  hear(one, first, 0, false);
  hear(other, second, 0, true);
  hear(one, first, 1, true);
  hear(other, second, 1, false);
  CHECK(first.state() == State::Active);
  CHECK(second.state() == State::Backup);
}

TEST_CASE("A router alone hears what was said", "[vrrp][election][group]") {
  SyncGroup alone{1};
  CHECK(alone.on_advertisement(0, heard(100, true), kSilence, kStart).from_greater_address);
  CHECK_FALSE(alone.on_advertisement(0, heard(100, false), kSilence, kStart).from_greater_address);
}

}  // namespace
}  // namespace vrrp::election

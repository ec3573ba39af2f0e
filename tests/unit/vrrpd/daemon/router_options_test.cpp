#include "vrrpd/daemon/router_options.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::daemon {
namespace {

RouterOptions router(int vrid, std::string interface, std::string group, const char* address) {
  RouterOptions options;
  options.vrid = {static_cast<std::uint8_t>(vrid)};
  options.interface = std::move(interface);
  options.group = std::move(group);
  options.addresses = {*common::PrefixedAddress::parse(address)};
  return options;
}

TEST_CASE("Routers of a group stand together in the order of their numbers, the others alone",
          "[vrrp][group]") {
  const auto inner = router(52, "eth1", "web", "10.0.0.100/24");
  const auto outer = router(51, "eth0", "web", "192.168.10.100/24");
  const auto outer6 = router(51, "eth0", "web", "fe80::100/64");
  const auto alone = router(7, "eth0", "", "192.168.10.107/24");
  const auto other = router(8, "eth0", "", "192.168.10.108/24");
  const auto groups = groups_of({inner, alone, outer6, outer, other});
  REQUIRE(groups.size() == 4 - 1);
  CHECK(groups[0] == RouterGroup{outer, outer6, inner});
  CHECK(groups[1] == RouterGroup{alone});
  CHECK(groups[2] == RouterGroup{other});
}

TEST_CASE("A group is the same while it has the same routers", "[vrrp][group]") {
  const auto one = router(51, "eth0", "web", "192.168.10.100/24");
  const auto two = router(52, "eth1", "web", "10.0.0.100/24");
  auto changed = two;
  changed.priority = {7};
  CHECK(is_same_group({one, two}, {one, changed}));
  CHECK_FALSE(is_same_group({one, two}, {one}));
  CHECK_FALSE(is_same_group({one}, {two}));
}

}  // namespace
}  // namespace vrrp::daemon

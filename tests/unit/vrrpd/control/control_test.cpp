#include "vrrpd/control/control.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::control {
namespace {

TEST_CASE("A router is named by its VRID, or by interface and VRID", "[vrrp][control]") {
  const auto plain = RouterName::parse("51");
  REQUIRE(plain);
  CHECK(plain->interface.empty());
  CHECK(plain->vrid == 51);
  const auto full = RouterName::parse("eth0.20/255");
  REQUIRE(full);
  CHECK(full->interface == "eth0.20");
  CHECK(full->vrid == 255);
  for (const char* wrong :
       {"", "0", "256", "-1", "51 ", " 51", "eth0", "/51", "eth0/", "51/eth0"}) {
    CAPTURE(wrong);
    CHECK_FALSE(RouterName::parse(wrong));
  }
}

}  // namespace
}  // namespace vrrp::control

#include "vrrpd/packet/mac_address.hpp"

#include "tests/support/catch.hpp"

namespace vrrp {
namespace {

TEST_CASE("A MAC address is written and read", "[vrrp][packet]") {
  const MacAddress mac{0, 0, 0x5E, 0, 1, 0x33};
  CHECK(to_string(mac) == "00:00:5e:00:01:33");
  CHECK(parse_mac("00:00:5e:00:01:33") == mac);
  CHECK(parse_mac("00:00:5E:00:01:33") == mac);
  for (const auto* wrong : {"", "00:00:5e:00:01", "00:00:5e:00:01:3", "00-00-5e-00-01-33",
                            "00:00:5e:00:01:33:", "0g:00:5e:00:01:33", "+1:00:5e:00:01:33"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_mac(wrong));
  }
}

}  // namespace
}  // namespace vrrp

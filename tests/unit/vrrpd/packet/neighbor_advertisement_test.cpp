#include "vrrpd/packet/neighbor_advertisement.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/packet/checksum.hpp"

#include <algorithm>
#include <vector>

namespace vrrp::packet {
namespace {

TEST_CASE("An unsolicited neighbour advertisement names the address and the MAC to all nodes",
          "[vrrp][packet][rfc9568-7.2]") {
  const auto address = *common::IpAddress::parse("2001:db8::100");
  const auto frame = neighbor_advertisement(address, {2, 0, 0, 0, 0, 11});
  const std::vector<std::uint8_t> front{0x33, 0x33, 0, 0, 0, 1,  // all nodes
                                        2,    0,    0, 0, 0, 11, 0x86, 0xDD,
                                        0x60, 0,    0, 0, 0, 32, 58,   255};
  CHECK(std::ranges::equal(front, std::span{frame}.first(front.size())));
  CHECK(std::ranges::equal(address.octets(), std::span{frame}.subspan(22, 16)));
  const auto message = std::span{frame}.subspan(54);
  CHECK(message[0] == 136);
  CHECK(message[4] == 0xA0);  // Router and Override, not Solicited
  CHECK(std::ranges::equal(address.octets(), message.subspan(8, 16)));
  const std::vector<std::uint8_t> option{2, 1, 2, 0, 0, 0, 0, 11};
  CHECK(std::ranges::equal(option, message.subspan(24)));
  CHECK(checksum(message, address, *common::IpAddress::parse("ff02::1"), 58) == 0);
}

}  // namespace
}  // namespace vrrp::packet

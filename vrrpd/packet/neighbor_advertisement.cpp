#include "vrrpd/packet/neighbor_advertisement.hpp"

#include "vrrpd/packet/checksum.hpp"

#include <algorithm>
#include <span>

namespace vrrp::packet {
namespace {

constexpr std::size_t kMessageAt = 14 + 40;  // after the Ethernet and the IPv6 header
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kRouterAndOverride = 0xA0;
constexpr std::array<std::uint8_t, 6> kAllNodesMac{0x33, 0x33, 0, 0, 0, 1};

common::IpAddress all_nodes() {
  return common::IpAddress::v6({0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

}  // namespace

NeighborAdvertisementFrame neighbor_advertisement(const common::IpAddress& address,
                                                  const MacAddress& mac) {
  using Bytes = std::initializer_list<std::uint8_t>;
  NeighborAdvertisementFrame frame{};
  auto out = frame.begin();
  const auto put = [&out](const auto& octets) { out = std::ranges::copy(octets, out).out; };
  constexpr std::uint8_t kLength = std::tuple_size_v<NeighborAdvertisementFrame> - kMessageAt;
  put(kAllNodesMac);
  put(mac);
  put(Bytes{0x86, 0xDD});                               // EtherType IPv6
  put(Bytes{0x60, 0, 0, 0, 0, kLength, kIcmpv6, 255});  // hop limit 255
  put(address.octets());                                // source: the address itself
  put(all_nodes().octets());
  put(Bytes{136, 0, 0, 0, kRouterAndOverride, 0, 0, 0});  // type, code, checksum, flags
  put(address.octets());                                  // target
  put(Bytes{2, 1});                                       // target link-layer address option
  put(mac);

  const auto message = std::span{frame}.subspan(kMessageAt);
  const auto sum = common::to_big_endian(checksum(message, address, all_nodes(), kIcmpv6));
  std::ranges::copy(sum, message.subspan(2).begin());
  return frame;
}

}  // namespace vrrp::packet

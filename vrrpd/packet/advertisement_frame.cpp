#include "vrrpd/packet/advertisement_frame.hpp"

#include "vrrpd/packet/advertisement.hpp"
#include "vrrpd/packet/checksum.hpp"

#include <algorithm>
#include <initializer_list>

namespace vrrp::packet {
namespace {

constexpr std::uint8_t kVrrp = 112;
constexpr std::uint8_t kLimit = 255;
constexpr std::uint8_t kInternetworkControl = 0xC0;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kChecksumAt = 10;

using Frame = std::vector<std::uint8_t>;

void put(Frame& frame, common::Octets octets) {
  frame.insert(frame.end(), octets.begin(), octets.end());
}
void put(Frame& frame, std::initializer_list<std::uint8_t> octets) {
  frame.insert(frame.end(), octets);
}
void put_length(Frame& frame, std::size_t length) {
  put(frame, common::to_big_endian(static_cast<std::uint16_t>(length)));
}

/// Never in fragments: it is shorter than any MTU.
void put_ipv4(Frame& frame, std::size_t length, const common::IpAddress& source,
              const common::IpAddress& group) {
  const auto start = frame.size();
  put(frame, {0x45, kInternetworkControl});
  put_length(frame, kIpv4Header + length);
  put(frame, {0, 0, 0x40, 0, kLimit, kVrrp, 0, 0});  // no identification, do not fragment
  put(frame, common::Octets{source.octets()}.first<4>());
  put(frame, common::Octets{group.octets()}.first<4>());
  const auto header = std::span{frame}.subspan(start);
  const auto sum =
      common::to_big_endian(checksum(header, ChecksumForm::MessageOnly, source, group));
  std::ranges::copy(sum, header.subspan(kChecksumAt).begin());
}

void put_ipv6(Frame& frame, std::size_t length, const common::IpAddress& source,
              const common::IpAddress& group) {
  put(frame, {0x60 | kInternetworkControl >> 4U, kInternetworkControl << 4U & 0xFF, 0, 0});
  put_length(frame, length);
  put(frame, {kVrrp, kLimit});
  put(frame, source.octets());
  put(frame, group.octets());
}

}  // namespace

Frame advertisement_frame(common::Octets message, const common::IpAddress& source,
                          const MacAddress& mac) {
  constexpr MacAddress kGroup4{0x01, 0x00, 0x5E, 0x00, 0x00, 0x12};
  constexpr MacAddress kGroup6{0x33, 0x33, 0x00, 0x00, 0x00, 0x12};
  const bool ipv6 = source.is_v6();
  const auto group = multicast_group(ipv6 ? Family::V6 : Family::V4);
  Frame frame;
  put(frame, ipv6 ? kGroup6 : kGroup4);
  put(frame, mac);
  if (ipv6) {
    put(frame, {0x86, 0xDD});
    put_ipv6(frame, message.size(), source, group);
  } else {
    put(frame, {0x08, 0x00});
    put_ipv4(frame, message.size(), source, group);
  }
  put(frame, message);
  return frame;
}

}  // namespace vrrp::packet

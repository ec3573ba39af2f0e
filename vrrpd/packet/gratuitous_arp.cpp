#include "vrrpd/packet/gratuitous_arp.hpp"

#include <algorithm>
#include <span>

namespace vrrp::packet {
namespace {

constexpr MacAddress kBroadcast{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr MacAddress kUnknown{};

}  // namespace

ArpFrame gratuitous_arp(const common::IpAddress& address, const MacAddress& mac, ArpForm form) {
  const auto ip = std::span{address.octets()}.first<4>();
  ArpFrame frame{};
  auto out = frame.begin();
  const auto put = [&out](const auto& octets) { out = std::ranges::copy(octets, out).out; };
  put(kBroadcast);
  put(mac);
  put(std::array<std::uint8_t, 2>{0x08, 0x06});              // EtherType ARP
  put(std::array<std::uint8_t, 6>{0, 1, 0x08, 0x00, 6, 4});  // Ethernet, IPv4, lengths
  put(std::array<std::uint8_t, 2>{0, static_cast<std::uint8_t>(form)});
  put(mac);
  put(ip);
  put(form == ArpForm::Request ? kUnknown : mac);
  put(ip);
  return frame;
}

}  // namespace vrrp::packet

// Fuzz entry for the receive checks. Octet 0: the least bit says IPv6, the next VRRPv2, the next
// unicast. Then source, destination (4 or 16 octets each) and TTL; the rest is the message.
#include "common/contract.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace {

using namespace vrrp;

common::IpAddress address_at(common::Octets octets, std::size_t at, Family family) {
  if (family == Family::V4)
    return common::IpAddress::v4(
        common::load_big_endian<std::uint32_t>(octets.subspan(at).first<4>()));
  std::array<std::uint8_t, 16> address{};
  std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), 16, address.begin());
  return common::IpAddress::v6(address);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto family = (data[0] & 1U) != 0 ? Family::V6 : Family::V4;
  const auto version = (data[0] & 2U) != 0 ? Version::V2 : Version::V3;
  const auto width = packet::octets_of_address(family);
  if (size < 2 + 2 * width) return 0;
  const common::Octets octets{data + 1, size - 1};
  const packet::Datagram datagram{.source = address_at(octets, 0, family),
                                  .destination = address_at(octets, width, family),
                                  .time_to_live = octets[2 * width],
                                  .message = octets.subspan(2 * width + 1)};
  const std::array peers{datagram.source};
  packet::Listener listener{.vrid = {51}, .family = family, .version = version};
  if ((data[0] & 4U) != 0) listener.peers = peers;
  const auto checked =
      packet::check(datagram, std::array{listener}, common::IpAddress::v4(0xC0A80A0B));
  if (!checked) return 0;
  common::expects(checked->max_advertise_interval >= kShortestInterval,
                  "no interval of 0 gets through");
  common::expects(!checked->addresses.empty(), "nor an empty list");
  common::expects(packet::message_of(datagram).size() <= datagram.message.size(),
                  "nothing was read past the end");
  const auto again = packet::encode(*checked, packet::ChecksumForm::PseudoHeader, datagram.source,
                                    datagram.destination);
  common::expects(again.size() == packet::message_of(datagram).size(),
                  "what was understood can be said");
  return 0;
}

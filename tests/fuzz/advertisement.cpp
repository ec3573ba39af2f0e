// Fuzz entry for the receive checks. Octets 0..8: source, destination, TTL; the rest is the
// message.
#include "common/contract.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrrp;
  if (size < 9) return 0;
  const common::Octets octets{data, size};
  const packet::Datagram datagram{
      .source = common::IpAddress::v4(common::load_big_endian<std::uint32_t>(octets.first<4>())),
      .destination =
          common::IpAddress::v4(common::load_big_endian<std::uint32_t>(octets.subspan<4, 4>())),
      .time_to_live = octets[8],
      .message = octets.subspan(9)};
  const std::array configured{Vrid{51}};
  const auto checked = packet::check(datagram, configured, common::IpAddress::v4(0xC0A80A0B));
  if (!checked) return 0;
  common::expects(checked->max_advertise_interval >= kShortestInterval,
                  "no interval of 0 gets through");
  common::expects(!checked->addresses.empty(), "nor an empty list");
  const auto again = packet::encode(*checked, packet::ChecksumForm::PseudoHeader, datagram.source);
  common::expects(again.size() <= datagram.message.size(), "nothing was read past the end");
  return 0;
}

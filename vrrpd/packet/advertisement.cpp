#include "vrrpd/packet/advertisement.hpp"

#include "common/contract.hpp"

#include <algorithm>

namespace vrrp::packet {

common::IpAddress multicast_group() { return common::IpAddress::v4(0xE0000012); }

std::vector<std::uint8_t> encode(const Advertisement& advertisement, ChecksumForm form,
                                 const common::IpAddress& source) {
  const auto interval = advertisement.max_advertise_interval;
  common::expects(interval >= kShortestInterval && interval <= kLongestInterval,
                  "an interval fits 12 bits and is not 0");
  const auto count = advertisement.addresses.size();
  common::expects(count >= 1 && count <= kMostAddresses,
                  "an advertisement names 1 to 255 addresses");

  std::vector<std::uint8_t> octets{(kVersion << 4U) | kTypeAdvertisement, advertisement.vrid.value,
                                   advertisement.priority.value, static_cast<std::uint8_t>(count)};
  octets.reserve(kFixedOctets + 4 * count);
  common::append_big_endian(octets, static_cast<std::uint16_t>(interval.count()));
  common::append_big_endian(octets, std::uint16_t{0});  // the checksum, until it is known
  for (const auto& address : advertisement.addresses)
    common::append_big_endian(octets, address.to_v4());

  const auto sum = common::to_big_endian(checksum(octets, form, source, multicast_group()));
  std::ranges::copy(sum, octets.begin() + 6);
  return octets;
}

}  // namespace vrrp::packet

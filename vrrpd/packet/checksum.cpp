#include "vrrpd/packet/checksum.hpp"

namespace vrrp::packet {
namespace {

constexpr std::uint8_t kVrrp = 112;

std::uint32_t sum_of_words(common::Octets octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i)
    sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8U : std::uint32_t{octets[i]};
  return sum;
}

/// No overflow before it: a message is at most 64 KiB, so at most 2^15 words of 16 bits.
std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum & 0xFFFFU);
}

}  // namespace

std::uint16_t checksum(common::Octets message, ChecksumForm form, const common::IpAddress& source,
                       const common::IpAddress& destination) {
  if (form == ChecksumForm::PseudoHeader || source.is_v6())
    return checksum(message, source, destination, kVrrp);
  return folded(sum_of_words(message));
}

std::uint16_t checksum(common::Octets message, const common::IpAddress& source,
                       const common::IpAddress& destination, std::uint8_t protocol) {
  // An IPv4 address stands in the first four octets, the others are 0.
  return folded(sum_of_words(message) + sum_of_words(source.octets()) +
                sum_of_words(destination.octets()) + protocol +
                static_cast<std::uint32_t>(message.size()));
}

}  // namespace vrrp::packet

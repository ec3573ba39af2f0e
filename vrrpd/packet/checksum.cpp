#include "vrrpd/packet/checksum.hpp"

namespace vrrp::packet {
namespace {

constexpr std::uint32_t kProtocol = 112;

std::uint32_t sum_of_words(common::Octets octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i)
    sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8U : std::uint32_t{octets[i]};
  return sum;
}

}  // namespace

std::uint16_t checksum(common::Octets message, ChecksumForm form, const common::IpAddress& source,
                       const common::IpAddress& destination) {
  // No overflow: a message is at most 64 KiB, so at most 2^15 words of 16 bits.
  std::uint32_t sum = sum_of_words(message);
  if (form == ChecksumForm::PseudoHeader) {
    sum += sum_of_words(common::Octets{source.octets()}.first(4));
    sum += sum_of_words(common::Octets{destination.octets()}.first(4));
    sum += kProtocol + static_cast<std::uint32_t>(message.size());
  }
  while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum & 0xFFFFU);
}

}  // namespace vrrp::packet

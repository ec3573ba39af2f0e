// Fuzz entry for the word between two vrrpd. The last 32 octets are made right, so that what stands
// before them is looked at.
#include "common/contract.hpp"
#include "vrrpd/handover/message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrrp;
  static const auto key = *handover::Key::from_text("a-secret-of-some-length");
  (void)handover::decode({data, size}, key);
  if (size < handover::Key::kMacOctets) return 0;
  std::vector<std::uint8_t> octets{data, data + size};
  const auto signed_size = size - handover::Key::kMacOctets;
  const auto mac = key.sign(common::Octets{octets}.first(signed_size));
  std::ranges::copy(mac, octets.begin() + static_cast<std::ptrdiff_t>(signed_size));
  const auto message = handover::decode(octets, key);
  if (!message) return 0;
  common::expects(message->vrid.value != 0, "a VRID is not 0");
  common::expects(*handover::decode(handover::encode(*message, key), key) == *message,
                  "what was read is written the same");
  return 0;
}

#include "vrrpd/packet/mac_address.hpp"

#include <charconv>

namespace vrrp {
namespace {

constexpr std::size_t kWidth = 3;  // of an octet with its colon

}  // namespace

std::string to_string(const MacAddress& mac) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto octet : mac) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 15U];
  }
  return text;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  MacAddress mac{};
  if (text.size() != mac.size() * kWidth - 1) return std::nullopt;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const auto* const from = text.data() + i * kWidth;
    const auto [end, error] = std::from_chars(from, from + 2, mac[i], 16);
    if (error != std::errc{} || end != from + 2) return std::nullopt;
    if (i + 1 < mac.size() && *end != ':') return std::nullopt;
  }
  return mac;
}

MacAddress virtual_mac(Vrid vrid, Family family) {
  const std::uint8_t kind = family == Family::V6 ? 2 : 1;
  return {0x00, 0x00, 0x5E, 0x00, kind, vrid.value};
}

}  // namespace vrrp

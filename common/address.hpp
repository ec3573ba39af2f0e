#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common {

/// An IPv4 or IPv6 address as a value; IPv4 orders before IPv6, each by its octets.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // 0.0.0.0
  /// `value` in host order: 0xC0A80A0B is 192.168.10.11.
  static IpAddress v4(std::uint32_t value);
  static IpAddress v6(const std::array<std::uint8_t, 16>& octets);
  /// Textual forms of RFC 4291 §2.2 and dotted decimal; no zone, no brackets, nothing around it.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return !is_v6_; }
  bool is_v6() const { return is_v6_; }
  /// Host order. Only for `is_v4()`.
  std::uint32_t to_v4() const;
  /// Network order; an IPv4 address stands in the first four.
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  bool is_v6_{false};
  std::array<std::uint8_t, 16> octets_{};
};

/// Address and port: `192.168.10.11:80`, `[2001:db8::1]:80`.
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port{0};

  static std::optional<SocketAddress> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const SocketAddress&) const = default;
};

/// An address with the length of its network's prefix: `192.168.10.100/24`. Without `/n` the prefix
/// is the whole address. Host bits are kept: this names an interface's address as well as a
/// network.
struct PrefixedAddress {
  IpAddress ip;
  std::uint8_t prefix{32};

  static std::optional<PrefixedAddress> parse(std::string_view text);
  std::string to_string() const;
  /// Whether `address` is of the same family and shares the first `prefix` bits.
  bool contains(const IpAddress& address) const;
  auto operator<=>(const PrefixedAddress&) const = default;
};

}  // namespace common

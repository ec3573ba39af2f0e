#include "common/address.hpp"

#include "common/bytes.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace common {
namespace {

/// A decimal number that is the whole text: no sign, no blank, no leading zero.
template <class Int>
std::optional<Int> parse_whole(std::string_view text) {
  Int value{};
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t value) {
  IpAddress address;
  std::ranges::copy(to_big_endian(value), address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress address;
  address.is_v6_ = true;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string terminated{text};
  IpAddress address;
  address.is_v6_ = text.find(':') != std::string_view::npos;
  const int family = address.is_v6_ ? AF_INET6 : AF_INET;
  if (inet_pton(family, terminated.c_str(), address.octets_.data()) != 1) return std::nullopt;
  return address;
}

std::uint32_t IpAddress::to_v4() const {
  expects(!is_v6_, "an IPv4 address was asked for");
  return load_big_endian<std::uint32_t>(std::span{octets_}.first<4>());
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v6_) {
    inet_ntop(AF_INET6, octets_.data(), text.data(), text.size());
    return text.data();
  }
  // By hand: a load balancer writes it several times a request, and inet_ntop formats by sprintf.
  char* at = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), octets_[i]).ptr;
  }
  return {text.data(), at};
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = IpAddress::parse(host);
  const auto port = parse_whole<std::uint16_t>(text.substr(colon + 1));
  if (!ip || !port || ip->is_v6() != bracketed) return std::nullopt;
  return SocketAddress{*ip, *port};
}

std::string SocketAddress::to_string() const {
  const auto host = ip.is_v6() ? '[' + ip.to_string() + ']' : ip.to_string();
  return host + ':' + std::to_string(port);
}

std::optional<PrefixedAddress> PrefixedAddress::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) return std::nullopt;
  const std::uint8_t whole = ip->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) return PrefixedAddress{*ip, whole};
  const auto prefix = parse_whole<std::uint8_t>(text.substr(slash + 1));
  if (!prefix || *prefix > whole) return std::nullopt;
  return PrefixedAddress{*ip, *prefix};
}

std::string PrefixedAddress::to_string() const {
  return ip.to_string() + '/' + std::to_string(prefix);
}

bool PrefixedAddress::contains(const IpAddress& address) const {
  if (address.is_v6() != ip.is_v6()) return false;
  unsigned bits = prefix;
  for (std::size_t i = 0; bits > 0; ++i) {
    const unsigned here = std::min(bits, 8U);
    const auto differing = static_cast<unsigned>(ip.octets()[i] ^ address.octets()[i]);
    if ((differing >> (8U - here)) != 0) return false;
    bits -= here;
  }
  return true;
}

}  // namespace common

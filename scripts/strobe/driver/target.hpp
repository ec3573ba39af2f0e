#pragma once

#include "common/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strobe::driver {

/// Who is asked, as a URL says it (RFC 3986 §3): `https://book.example:8443/path`, or ADDRESS:PORT.
struct Target {
  bool secure{false};
  std::string host{};  // a name, or an address without brackets; its certificate must be for it
  std::uint16_t port{0};
  std::string path{};  // with its query; empty when the URL has none

  static std::optional<Target> parse(std::string_view text);
  /// When the host is one.
  std::optional<common::IpAddress> address() const { return common::IpAddress::parse(host); }
  /// For Host (RFC 9110 §7.2): without the port that the scheme implies.
  std::string authority() const;
};

}  // namespace strobe::driver

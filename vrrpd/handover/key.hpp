#pragma once

#include "common/bytes.hpp"
#include "common/result.hpp"

#include <array>
#include <string>
#include <string_view>

namespace vrrp::handover {

/// The secret that the routers of a group share.
class Key {
 public:
  static constexpr std::size_t kShortest = 16;  // characters
  static constexpr std::size_t kLongest = 512;
  static constexpr std::size_t kMacOctets = 32;
  using Mac = std::array<std::uint8_t, kMacOctets>;

  struct Fault {
    std::string wrong;
    std::string right;
  };
  /// The first line of a file that only its owner and group may read.
  static common::Result<Key, Fault> from_file(const std::string& path);
  static common::Result<Key, Fault> from_text(std::string_view text);

  /// HMAC-SHA-256 (RFC 2104).
  Mac sign(common::Octets message) const;
  /// In a time that does not tell how much of it is right.
  bool verifies(common::Octets message, common::Octets mac) const;

  bool operator==(const Key&) const = default;

 private:
  std::array<std::uint8_t, 32> octets_{};
};

}  // namespace vrrp::handover

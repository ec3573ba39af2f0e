#pragma once

#include "lb/tls/fault.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace lb::tls {

/// What one session ticket is protected with (RFC 5077 §4): 80 octets in a file.
struct TicketKey {
  static constexpr std::size_t kSize = 80;
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> cipher{};  // AES-256-CBC
  std::array<unsigned char, 32> mac{};     // HMAC-SHA-256

  bool operator==(const TicketKey&) const = default;
};
/// The first protects new tickets, the others still open old ones.
using TicketKeyList = std::vector<TicketKey>;

inline constexpr std::size_t kMostTicketKeys = 16;

TicketKey random_ticket_key();
/// One key a line, in base64; lines that begin with `#` and empty ones are passed over.
TicketKeyList parse_ticket_keys(std::string_view text, std::string& wrong);
std::string ticket_keys_text(const TicketKeyList& keys);
/// A new key in front, the oldest ones gone.
TicketKeyList rotated(TicketKeyList keys, std::size_t keep);
TicketKeyList read_ticket_keys(const std::string& path, Faults& faults);

/// Keys of this process alone, which outlive reloads and renew themselves.
class OwnTicketKeys {
 public:
  static constexpr std::int64_t kRenewAfter = 12 * 3600;  // seconds
  static constexpr std::size_t kKept = 3;

  /// `now`: seconds of any clock that does not go back.
  std::shared_ptr<const TicketKeyList> keys(std::int64_t now);

 private:
  std::mutex mutex_;
  std::shared_ptr<const TicketKeyList> keys_;
  std::int64_t renewed_{0};
};

}  // namespace lb::tls

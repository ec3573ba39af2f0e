#pragma once

#include "common/time.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace vrrp::packet {

// draft-cassen-vrrp-auth-hmac, as keepalived 2.4.1 and later speak it: a trailer after the message
// of VRRPv2 or VRRPv3. Type 1, key id, 16 bits 0, a sequence of 64 bits (UTC seconds, 1/65536
// seconds, a counter), and HMAC-SHA256 cut to 128 bits over a pseudo header, the message with its
// checksum read as 0 and the trailer with its HMAC read as 0.

inline constexpr std::size_t kTrailerOctets = 28;
inline constexpr std::size_t kShortestSecret = 32;
inline constexpr std::size_t kLongestSecret = 64;

/// The order in which a running group moves to authentication: understand, sign, demand.
enum class AuthenticationMode : std::uint8_t {
  Off,          // trailers are not looked at
  ReceiveOnly,  // not signed; a trailer that is there must be right
  Permissive,   // signed; what comes unsigned is still obeyed
  Enforce,      // signed; what comes unsigned is refused
};

struct AuthenticationKey {
  std::uint8_t id{1};
  std::vector<std::uint8_t> secret;  // kShortestSecret..kLongestSecret octets

  bool operator==(const AuthenticationKey&) const = default;
};

struct AuthenticationOptions {
  AuthenticationMode mode{AuthenticationMode::Off};
  std::vector<AuthenticationKey> keys;  // each is believed; none when Off
  std::uint8_t sign_with{1};            // the id of one of them
  std::chrono::seconds window{5};       // how far a sender's clock may be from ours

  bool operator==(const AuthenticationOptions&) const = default;
};

/// Signs and checks the advertisements of one Virtual Router. `now` is the clock of people, which
/// the routers of a group must agree on within the window.
class Authenticator {
 public:
  /// Senders whose last sequence is remembered: of a group two speak at a time, a few in a quarrel.
  static constexpr std::size_t kMostSenders = 16;

  explicit Authenticator(AuthenticationOptions options) : options_{std::move(options)} {}

  /// Other keys or another mode; what was sent and heard is still remembered.
  void use(AuthenticationOptions options) { options_ = std::move(options); }

  /// Appends the trailer to a sealed message when the mode has it; the checksum of IPv6, which
  /// covers the trailer too, is made anew. Each call counts the sequence up.
  void sign(std::vector<std::uint8_t>& message, const common::IpAddress& source,
            const common::IpAddress& destination, common::WallTime now);

  /// Of a datagram that passed `check`: nothing when it may be obeyed.
  std::optional<Refusal> verify(const Datagram& datagram, common::WallTime now);

 private:
  struct Sender {
    common::IpAddress address;
    std::uint64_t sequence;  // the last that was believed
  };

  const AuthenticationKey* key(std::uint8_t id) const;
  bool within_window(std::uint64_t sequence, common::WallTime now) const;
  bool is_new(const common::IpAddress& source, std::uint64_t sequence, common::WallTime now);

  AuthenticationOptions options_;
  std::uint64_t sent_{0};
  std::vector<Sender> senders_;  // the one heard last comes last
};

}  // namespace vrrp::packet

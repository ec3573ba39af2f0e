#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lb::balancing {

/// What a sticky cookie names an endpoint by: tells nobody its address.
using StickyId = std::array<unsigned char, 16>;

/// Cookies by which a client comes back to the endpoint that served it first. The value is the
/// endpoint's id, when it was issued, and a keyed BLAKE2b over both: nobody can choose an endpoint
/// by making one up.
class StickyCookies {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kValueSize = 54;  // characters
  using Key = std::array<unsigned char, kKeySize>;

  /// A key made of a secret of any length.
  static Key key_of(std::string_view secret);
  /// A key that nobody else has.
  static Key random_key();

  /// `ttl`: from the issue on; 0: as long as the client keeps it. `upstream`: a cookie of another
  /// upstream under the same key is worth nothing.
  StickyCookies(const Key& key, std::string_view upstream, std::chrono::seconds ttl);

  /// Two load balancers with one key give an endpoint one id.
  StickyId id_of(std::string_view endpoint) const;
  /// `now`: seconds since 1970.
  std::string issue(const StickyId& endpoint, std::chrono::seconds now) const;

  struct Named {
    StickyId endpoint;
    bool ageing;  // past half of its time: to be issued anew
  };
  /// Nothing for a value that is forged, expired or none of ours. Takes the same time wherever a
  /// forged one is wrong.
  std::optional<Named> verify(std::string_view value, std::chrono::seconds now) const;

 private:
  Key key_;  // of this upstream, derived
  std::chrono::seconds ttl_;
};

}  // namespace lb::balancing

#pragma once

#include "app/privacy/key_ring.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace booking::privacy {

/// HMAC-SHA256: equal texts have equal indexes, and nobody without the key can go back.
using BlindIndex = std::array<std::uint8_t, 32>;

/// Seals texts and opens them. Thread-safe; copies share the keys.
class Vault {
 public:
  explicit Vault(KeyRing ring);

  /// One line of text that cannot be taken for text a person wrote: it begins with U+0001. `place`
  /// says where it will stand (table, column, row); it opens nowhere else.
  std::string seal(std::string_view text, std::string_view place) const;
  /// The text; a text that was never sealed (written before there were keys) comes back as it is.
  /// Nothing for one that was changed, moved, or sealed by a key that is not there.
  std::optional<std::string> open(std::string_view sealed, std::string_view place) const;

  static bool is_sealed(std::string_view text);
  /// The key it was sealed with; nothing when it is not sealed.
  /// What everything sealed by that key begins with.
  static std::string mark_of(KeyId key);
  static std::optional<KeyId> key_of(std::string_view sealed);
  KeyId active() const;

  /// `purpose` keeps indexes of different things apart.
  BlindIndex index(std::string_view purpose, std::string_view text) const;

 private:
  std::shared_ptr<const KeyRing> ring_;
};

}  // namespace booking::privacy

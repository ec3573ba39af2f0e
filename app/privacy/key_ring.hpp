#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace booking::privacy {

using Key = std::array<std::uint8_t, 32>;
using KeyId = std::uint32_t;

inline constexpr std::size_t kMostKeys = 64;
inline constexpr KeyId kLargestKeyId = 9999;

/// The keys of one installation; every node has the same.
struct KeyRing {
  std::map<KeyId, Key> keys;  // each opens what it sealed
  KeyId active{0};            // the one that seals
  Key index{};                // of the blind index; never rotated: what was indexed must be found
};

/// Reads the key file: a line `index HEX`, one or more `key ID HEX`, and `active ID` when that is
/// not the highest; HEX is 64 digits, `#` begins a comment. Or says which line is wrong and how.
std::variant<KeyRing, std::string> read_keys(std::string_view text);

/// A key file with a first key, or what to append to `text` to have a next one. Random by OpenSSL.
std::string new_key_file();
std::string next_key_line(const KeyRing& ring);

}  // namespace booking::privacy

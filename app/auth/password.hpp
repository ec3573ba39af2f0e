#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace booking::auth {

inline constexpr std::size_t kLeastPassword = 10;  // characters of a new one
inline constexpr std::size_t kMaxPassword = 256;   // octets; longer ones are refused, not cut

/// Whether a new one is long enough, and not too long. UTF-8: a syllable of Hangul is one
/// character, though three octets.
bool is_new_password(std::string_view text);

/// 1 to 40 of a-z 0-9 . _ -: one spelling in every database, whatever its collation.
bool is_username(std::string_view text);

// Both take about 0.1 s of CPU and 64 MiB on purpose (argon2id, libsodium's interactive limits):
// run them on a small thread pool, never on a thread that serves connections.

/// A self-describing hash (`$argon2id$…`, with its own salt). Nothing when memory is short or the
/// password too long.
std::optional<std::string> hash_password(std::string_view password);

/// Whether `password` made `hash`; false as well for a hash that is not one.
bool verify_password(const std::string& hash, std::string_view password);

/// A hash nobody's password makes: verify against it when the user is unknown, so that the answer
/// takes as long as for a known one.
const std::string& decoy_hash();

}  // namespace booking::auth

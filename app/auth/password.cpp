#include "app/auth/password.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <array>
#include <sodium.h>

namespace booking::auth {

bool is_username(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_new_password(std::string_view text) {
  const auto characters = std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return static_cast<std::size_t>(characters) >= kLeastPassword && text.size() <= kMaxPassword;
}

std::optional<std::string> hash_password(std::string_view password) {
  common::expects(sodium_init() >= 0, "libsodium starts");
  if (password.size() > kMaxPassword) return std::nullopt;
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    return std::nullopt;  // out of memory
  return std::string{hash.data()};
}

bool verify_password(const std::string& hash, std::string_view password) {
  common::expects(sodium_init() >= 0, "libsodium starts");
  if (password.size() > kMaxPassword || hash.size() >= crypto_pwhash_STRBYTES) return false;
  // Other limits than ours would let whoever can write a hash choose our memory use.
  if (crypto_pwhash_str_needs_rehash(hash.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                     crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    return false;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

const std::string& decoy_hash() {
  static const std::string hash = [] {
    std::array<char, 32> nobody_knows{};
    common::expects(sodium_init() >= 0, "libsodium starts");
    randombytes_buf(nobody_knows.data(), nobody_knows.size());
    const auto made = hash_password({nobody_knows.data(), nobody_knows.size()});
    common::expects(made.has_value(), "64 MiB are there to hash a password");
    return *made;
  }();
  return hash;
}

}  // namespace booking::auth

#include "app/auth/token.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <sodium.h>

namespace booking::auth {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kTextLength = 43;
static_assert(sodium_base64_ENCODED_LEN(sizeof(Token), kVariant) == kTextLength + 1);  // and a NUL

std::string base64(const std::array<std::uint8_t, 32>& octets) {
  std::array<char, kTextLength + 1> text{};
  sodium_bin2base64(text.data(), text.size(), octets.data(), octets.size(), kVariant);
  return text.data();
}

}  // namespace

Token random_token() {
  common::expects(sodium_init() >= 0, "libsodium starts");
  Token token{};
  randombytes_buf(token.data(), token.size());
  return token;
}

std::string to_text(const Token& token) { return base64(token); }

std::optional<Token> parse_token(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Token token{};
  std::size_t length = 0;
  if (sodium_base642bin(token.data(), token.size(), text.data(), text.size(), nullptr, &length,
                        nullptr, kVariant) != 0 ||
      length != token.size())
    return std::nullopt;
  return token;
}

TokenHash hash_token(const Token& token) {
  TokenHash hash{};
  crypto_generichash(hash.data(), hash.size(), token.data(), token.size(), nullptr, 0);
  return hash;
}

std::string csrf_token(const Token& session) {
  constexpr std::string_view kPurpose = "mainstay csrf 1";
  std::array<std::uint8_t, 32> derived{};
  std::array<std::uint8_t, kPurpose.size()> purpose{};
  std::copy(kPurpose.begin(), kPurpose.end(), purpose.begin());
  crypto_generichash(derived.data(), derived.size(), purpose.data(), purpose.size(), session.data(),
                     session.size());
  return base64(derived);
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace booking::auth

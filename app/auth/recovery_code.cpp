#include "app/auth/recovery_code.hpp"

#include "common/contract.hpp"

#include <sodium.h>

namespace booking::auth {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford: no I L O U
constexpr std::size_t kLength = 10;

}  // namespace

std::vector<std::string> random_recovery_codes() {
  common::expects(sodium_init() >= 0, "libsodium starts");
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    std::string code;
    for (std::size_t n = 0; n < kLength; ++n) {
      if (n == kLength / 2) code += '-';
      code += kAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

std::optional<TokenHash> hash_recovery_code(std::string_view code) {
  std::string plain;
  for (char c : code) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos) return std::nullopt;
    plain += c;
  }
  if (plain.size() != kLength) return std::nullopt;
  TokenHash hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(plain.data()),
                     plain.size(), nullptr, 0);
  return hash;
}

}  // namespace booking::auth

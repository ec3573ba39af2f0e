#include "app/auth/totp.hpp"

#include "app/auth/token.hpp"
#include "common/bytes.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

namespace booking::auth {
namespace {

constexpr std::size_t kDigits = 6;
constexpr std::uint32_t kModulus = 1'000'000;

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out.append("%").append(1, kHex[octet >> 4U]).append(1, kHex[octet & 0x0FU]);
  }
  return out;
}

}  // namespace

TotpSecret random_totp_secret() {
  common::expects(sodium_init() >= 0, "libsodium starts");
  TotpSecret secret{};
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

std::string to_base32(std::string_view octets) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : octets) {
    held = (held << 8U) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kAlphabet[(held >> bits) & 0x1FU];
    }
  }
  if (bits > 0) out += kAlphabet[(held << (5 - bits)) & 0x1FU];
  return out;
}

std::string to_base32(const TotpSecret& secret) {
  return to_base32(std::string{secret.begin(), secret.end()});
}

std::string totp_uri(const TotpSecret& secret, std::string_view issuer, std::string_view account) {
  return "otpauth://totp/" + percent_encoded(issuer) + ":" + percent_encoded(account) +
         "?secret=" + to_base32(secret) + "&issuer=" + percent_encoded(issuer);
}

std::string totp_code(const TotpSecret& secret, std::int64_t step) {
  const auto counter = common::to_big_endian(static_cast<std::uint64_t>(step));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  common::expects(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
                       counter.size(), mac.data(), &length) != nullptr,
                  "OpenSSL knows HMAC-SHA-1");
  // RFC 4226 §5.3: the last octet says where the four octets of the truncated value stand.
  const std::size_t offset = mac.at(length - 1) & 0x0FU;
  const std::uint32_t value = (std::uint32_t{mac.at(offset)} & 0x7FU) << 24U |
                              std::uint32_t{mac.at(offset + 1)} << 16U |
                              std::uint32_t{mac.at(offset + 2)} << 8U | mac.at(offset + 3);
  auto digits = std::to_string(value % kModulus);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> match_totp(const TotpSecret& secret, std::string_view code,
                                       common::WallTime now, std::int64_t last_step) {
  if (code.size() != kDigits) return std::nullopt;
  const std::int64_t current =
      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) / kTotpStep;
  std::optional<std::int64_t> found;
  for (auto step = current - kTotpWindow; step <= current + kTotpWindow; ++step)
    if (same_secret(totp_code(secret, step), code) && step > last_step) found = step;
  return found;
}

}  // namespace booking::auth

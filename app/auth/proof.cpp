#include "app/auth/proof.hpp"

#include "app/auth/token.hpp"
#include "common/contract.hpp"

#include <charconv>
#include <sodium.h>
#include <vector>

namespace booking::auth {
namespace {

constexpr std::size_t kLongestProof = 300;
constexpr unsigned kMostBits = 30;

std::string hex(const unsigned char* octets, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), octets, size);
  text.pop_back();
  return text;
}

std::string signature(const ProofKey& key, std::string_view subject, std::string_view challenge) {
  const auto whole = std::string{challenge} + '\n' + std::string{subject};
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest{};
  crypto_auth_hmacsha256(digest.data(), reinterpret_cast<const unsigned char*>(whole.data()),
                         whole.size(), key.data());
  return hex(digest.data(), 16);
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

unsigned leading_zeros(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  unsigned zeros = 0;
  for (const auto octet : digest)
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U, ++zeros)
      if ((octet & bit) != 0) return zeros;
  return zeros;
}

std::int64_t seconds_of(common::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string make_challenge(const ProofKey& key, std::string_view subject, unsigned bits,
                           common::WallTime now) {
  common::expects(sodium_init() >= 0, "libsodium starts");
  std::array<unsigned char, 8> salt{};
  randombytes_buf(salt.data(), salt.size());
  const auto challenge = std::to_string(seconds_of(now + kChallengeLifetime)) + '.' +
                         std::to_string(bits) + '.' + hex(salt.data(), salt.size());
  return challenge + '.' + signature(key, subject, challenge);
}

bool is_proof(const ProofKey& key, std::string_view subject, unsigned bits, std::string_view proof,
              common::WallTime now) {
  if (proof.size() > kLongestProof) return false;
  const auto challenge = proof.substr(0, proof.find(':'));
  if (challenge.size() == proof.size()) return false;
  const auto parts = parts_of(challenge);
  if (parts.size() != 4) return false;
  const auto expiry = number_of(parts[0]);
  const auto wanted = number_of(parts[1]);
  if (!expiry || !wanted || *expiry < seconds_of(now)) return false;
  if (*wanted < static_cast<std::int64_t>(bits) || *wanted > kMostBits) return false;
  const auto unsigned_part = challenge.substr(0, challenge.rfind('.'));
  if (!same_secret(parts[3], signature(key, subject, unsigned_part))) return false;
  return leading_zeros(proof) >= static_cast<unsigned>(*wanted);
}

}  // namespace booking::auth

#include "lb/balancing/sticky.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <cstring>
#include <sodium.h>

namespace lb::balancing {
namespace {

using std::chrono::seconds;

/// The value before base64url: id, seconds since 1970 (big-endian), tag.
constexpr std::size_t kTimeSize = 8;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kSignedSize = std::tuple_size_v<StickyId> + kTimeSize;
constexpr std::size_t kRawSize = kSignedSize + kTagSize;
static_assert((kRawSize * 4 + 2) / 3 == StickyCookies::kValueSize);
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

/// A clock that another load balancer has set a little ahead is believed this far.
constexpr seconds kMostSkew{60};

using Raw = std::array<unsigned char, kRawSize>;

const unsigned char* octets(std::string_view text) {
  return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

/// Keyed BLAKE2b with a word that keeps the uses of one key apart.
template <std::size_t size>
void digest(std::array<unsigned char, size>& out, std::string_view use, std::string_view text,
            const StickyCookies::Key& key) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), out.size());
  crypto_generichash_update(&state, octets(use), use.size());
  crypto_generichash_update(&state, octets(text), text.size());
  crypto_generichash_final(&state, out.data(), out.size());
}

void sign(const Raw& raw, std::array<unsigned char, kTagSize>& tag, const StickyCookies::Key& key) {
  crypto_generichash(tag.data(), tag.size(), raw.data(), kSignedSize, key.data(), key.size());
}

}  // namespace

StickyCookies::Key StickyCookies::key_of(std::string_view secret) {
  common::expects(sodium_init() >= 0, "libsodium starts");
  Key key;
  crypto_generichash(key.data(), key.size(), octets(secret), secret.size(), nullptr, 0);
  return key;
}

StickyCookies::Key StickyCookies::random_key() {
  common::expects(sodium_init() >= 0, "libsodium starts");
  Key key;
  randombytes_buf(key.data(), key.size());
  return key;
}

StickyCookies::StickyCookies(const Key& key, std::string_view upstream, seconds ttl) : ttl_{ttl} {
  common::expects(sodium_init() >= 0, "libsodium starts");
  digest(key_, "lbd sticky upstream:", upstream, key);
}

StickyId StickyCookies::id_of(std::string_view endpoint) const {
  StickyId id;
  digest(id, "endpoint:", endpoint, key_);
  return id;
}

std::string StickyCookies::issue(const StickyId& endpoint, seconds now) const {
  Raw raw;
  std::copy(endpoint.begin(), endpoint.end(), raw.begin());
  auto time = static_cast<std::uint64_t>(now.count());
  for (std::size_t i = kTimeSize; i-- > 0; time >>= 8U)
    raw[endpoint.size() + i] = static_cast<unsigned char>(time & 0xFFU);
  std::array<unsigned char, kTagSize> tag;
  sign(raw, tag, key_);
  std::copy(tag.begin(), tag.end(), raw.begin() + kSignedSize);
  std::array<char, kValueSize + 1> text;
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), kVariant);
  return {text.data(), kValueSize};
}

std::optional<StickyCookies::Named> StickyCookies::verify(std::string_view value,
                                                          seconds now) const {
  Raw raw;
  std::size_t size = 0;
  if (value.size() != kValueSize ||
      sodium_base642bin(raw.data(), raw.size(), value.data(), value.size(), nullptr, &size, nullptr,
                        kVariant) != 0 ||
      size != raw.size())
    return std::nullopt;
  std::array<unsigned char, kTagSize> tag;
  sign(raw, tag, key_);
  if (sodium_memcmp(tag.data(), raw.data() + kSignedSize, tag.size()) != 0) return std::nullopt;

  Named named;
  std::copy_n(raw.begin(), named.endpoint.size(), named.endpoint.begin());
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < kTimeSize; ++i) time = time << 8U | raw[named.endpoint.size() + i];
  const seconds age = now - seconds{static_cast<std::int64_t>(time)};
  if (age < -kMostSkew || (ttl_ > seconds::zero() && age > ttl_)) return std::nullopt;
  named.ageing = ttl_ > seconds::zero() && age > ttl_ / 2;
  return named;
}

}  // namespace lb::balancing

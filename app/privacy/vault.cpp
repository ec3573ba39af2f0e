#include "app/privacy/vault.hpp"

#include "app/privacy/hex.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <charconv>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <vector>

namespace booking::privacy {
namespace {

constexpr char kMark = '\x01';  // no text of a request may hold a control character
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const std::uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

int length(std::size_t size) {
  common::expects(size < 1U << 24U, "what is sealed is short");
  return static_cast<int>(size);
}

/// Key, nonce and place set; ready for the text.
Context begun(bool seals, const Key& key, const std::uint8_t* nonce, std::string_view place) {
  Context context{EVP_CIPHER_CTX_new()};
  int unused = 0;
  common::expects(context != nullptr &&
                      EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                                        nonce, seals ? 1 : 0) == 1 &&
                      EVP_CipherUpdate(context.get(), nullptr, &unused, octets(place),
                                       length(place.size())) == 1,
                  "OpenSSL has AES-256-GCM");
  return context;
}

/// The key's id and the hexadecimal digits after it.
struct Envelope {
  KeyId id{0};
  std::string_view digits;
};

std::optional<Envelope> envelope_of(std::string_view sealed) {
  if (!Vault::is_sealed(sealed)) return std::nullopt;
  sealed.remove_prefix(1);
  Envelope found;
  const auto colon = std::min(sealed.find(':'), sealed.size());
  const auto [stop, error] = std::from_chars(sealed.data(), sealed.data() + colon, found.id);
  if (error != std::errc{} || stop != sealed.data() + colon || colon == sealed.size())
    return std::nullopt;
  found.digits = sealed.substr(colon + 1);
  return found;
}

}  // namespace

Vault::Vault(KeyRing ring) : ring_{std::make_shared<const KeyRing>(std::move(ring))} {
  common::expects(ring_->keys.contains(ring_->active), "a vault has a key to seal with");
}

std::string Vault::seal(std::string_view text, std::string_view place) const {
  std::vector<std::uint8_t> out(kNonce + text.size() + kTag);
  common::expects(RAND_bytes(out.data(), kNonce) == 1, "OpenSSL gives random octets");
  const auto context = begun(true, ring_->keys.at(ring_->active), out.data(), place);
  int written = 0;
  int rest = 0;
  auto* body = out.data() + kNonce;
  common::expects(
      EVP_CipherUpdate(context.get(), body, &written, octets(text), length(text.size())) == 1 &&
          EVP_CipherFinal_ex(context.get(), body + written, &rest) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, body + text.size()) == 1,
      "sealing does not fail");
  return mark_of(ring_->active) + to_hex(out);
}

std::optional<std::string> Vault::open(std::string_view sealed, std::string_view place) const {
  if (!is_sealed(sealed)) return std::string{sealed};
  const auto envelope = envelope_of(sealed);
  if (!envelope) return std::nullopt;
  const auto key = ring_->keys.find(envelope->id);
  auto in = from_hex(envelope->digits);
  if (key == ring_->keys.end() || !in || in->size() < kNonce + kTag) return std::nullopt;
  const auto size = in->size() - kNonce - kTag;
  const auto context = begun(false, key->second, in->data(), place);
  std::string text(size, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(text.data());
  int written = 0;
  int rest = 0;
  const bool right =
      EVP_CipherUpdate(context.get(), out, &written, in->data() + kNonce, length(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, in->data() + kNonce + size) ==
          1 &&
      EVP_CipherFinal_ex(context.get(), out + written, &rest) == 1;
  if (!right) return std::nullopt;
  return text;
}

bool Vault::is_sealed(std::string_view text) { return text.starts_with(kMark); }

std::string Vault::mark_of(KeyId key) { return kMark + std::to_string(key) + ':'; }

std::optional<KeyId> Vault::key_of(std::string_view sealed) {
  const auto envelope = envelope_of(sealed);
  if (!envelope) return std::nullopt;
  return envelope->id;
}

KeyId Vault::active() const { return ring_->active; }

BlindIndex Vault::index(std::string_view purpose, std::string_view text) const {
  const auto whole = std::string{purpose} + ':' + std::string{text};
  BlindIndex digest{};
  unsigned written = 0;
  common::expects(HMAC(EVP_sha256(), ring_->index.data(), static_cast<int>(ring_->index.size()),
                       octets(whole), whole.size(), digest.data(), &written) != nullptr &&
                      written == digest.size(),
                  "OpenSSL has HMAC-SHA256");
  return digest;
}

}  // namespace booking::privacy

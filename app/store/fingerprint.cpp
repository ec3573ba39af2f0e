#include "app/store/fingerprint.hpp"

#include "app/store/sha256.hpp"
#include "common/contract.hpp"

#include <openssl/evp.h>

namespace booking::store {

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  common::expects(
      EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1,
      "OpenSSL hashes");
  return digest;
}

core::Fingerprint fingerprint(const core::BookingRequest& request) {
  return sha256(core::canonical_text(request));
}

}  // namespace booking::store

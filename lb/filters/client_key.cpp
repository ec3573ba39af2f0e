#include "lb/filters/client_key.hpp"

#include "lb/filters/address_rules.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/cookies.hpp"

#include <algorithm>
#include <sodium.h>
#include <stdexcept>

namespace lb::filters {
namespace {

using SipKey = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

const SipKey& process_key() {
  static const SipKey key = [] {
    SipKey made;
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used"};
    randombytes_buf(made.data(), made.size());
    return made;
  }();
  return key;
}

/// `domain` keeps an address from being taken for a cookie of the same octets.
std::uint64_t keyed(std::uint64_t domain, const void* data, std::size_t size) {
  std::uint64_t out = 0;
  static_assert(sizeof out == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&out), static_cast<const unsigned char*>(data),
                   size, process_key().data());
  return out + domain * 0x9E3779B97F4A7C15U;
}

}  // namespace

common::IpAddress client_network(const common::IpAddress& address) {
  const auto plain = without_mapping(address);
  if (plain.is_v4()) return plain;
  auto octets = plain.octets();
  std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
  return common::IpAddress::v6(octets);
}

std::uint64_t hash_of(const ClientKey& key, const Request& request) {
  if (key.kind == ClientKey::Kind::Field) {
    const auto& fields = request.head.fields;
    const auto found = std::ranges::find_if(
        fields, [&](const http::Field& field) { return http::equals_lower(field.name, key.name); });
    if (found != fields.end() && !found->value.empty())
      return keyed(1, found->value.data(), found->value.size());
  }
  if (key.kind == ClientKey::Kind::Cookie) {
    const auto value = http::cookie_value(request.head.fields, key.name);
    if (value && !value->empty()) return keyed(2, value->data(), value->size());
  }
  const auto network = client_network(request.client);
  return keyed(network.is_v6() ? 4 : 3, network.octets().data(), network.is_v6() ? 8 : 4);
}

}  // namespace lb::filters

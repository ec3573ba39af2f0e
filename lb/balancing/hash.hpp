#pragma once

#include <cstdint>
#include <string_view>

namespace lb::balancing {

/// Spreads every bit over all bits (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 30U;
  value *= 0xBF58476D1CE4E5B9U;
  value ^= value >> 27U;
  value *= 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

/// What consistent hashing knows a key or an endpoint's name by. The same in every process: two
/// load balancers that stand in for each other must send a client to the same endpoint. Never 0,
/// which means "no key". Whoever chooses keys can make them meet; bounded load is the answer to
/// that.
constexpr std::uint64_t hash_key(std::string_view key) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char octet : key) {
    hash ^= static_cast<unsigned char>(octet);
    hash *= 0x100000001B3U;
  }
  hash = mix(hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace lb::balancing

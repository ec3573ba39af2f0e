#include "lb/proxy/request_id.hpp"

#include <algorithm>
#include <bit>

namespace lb::proxy {
namespace {

constexpr std::size_t kLongest = 64;

}  // namespace

RequestIds::RequestIds(std::uint64_t seed) {
  // splitmix64 fills the state from one number, as the authors of xoshiro256 advise.
  for (auto& word : state_) {
    seed += 0x9E3779B97F4A7C15U;
    auto mixed = seed;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    word = mixed ^ (mixed >> 31U);
  }
}

/// xoshiro256**
std::uint64_t RequestIds::random() {
  auto& s = state_;
  const auto result = std::rotl(s[1] * 5, 7) * 9;
  const auto shifted = s[1] << 17U;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 45);
  return result;
}

RequestId RequestIds::next() {
  RequestId id;
  auto at = id.begin();
  for (int half = 0; half < 2; ++half) {
    auto bits = random();
    for (int digit = 0; digit < 16; ++digit) {
      *at++ = "0123456789abcdef"[bits & 0xFU];
      bits >>= 4U;
    }
  }
  return id;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace lb::proxy

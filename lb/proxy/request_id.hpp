#pragma once

#include "lb/http/message.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace lb::proxy {

/// 128 bits in hexadecimal.
using RequestId = std::array<char, 32>;

/// Names for requests: unique, not secret. One a worker.
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t seed);
  RequestId next();
  std::uint64_t random();
  /// At least 0, below 1.
  double chance() {
    constexpr auto kScale = 1.0 / static_cast<double>(std::uint64_t{1} << 53U);
    return static_cast<double>(random() >> 11U) * kScale;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// A client's own X-Request-ID is kept, so that it can follow its request, if it is short and of
/// letters, digits, `-`, `_`, `.` only: such a name can do no harm in a log.
bool is_request_id(std::string_view text);

}  // namespace lb::proxy

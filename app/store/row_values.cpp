#include "app/store/row_values.hpp"

#include "common/bytes.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <sys/random.h>

namespace booking::store {

std::uint64_t system_entropy() {
  std::uint64_t bits = 0;
  common::expects(::getrandom(&bits, sizeof bits, 0) == static_cast<ssize_t>(sizeof bits),
                  "the kernel gives random bits");
  return bits;
}

core::BookingId new_id(common::WallTime now, const EntropySource& entropy) {
  const auto millis = static_cast<std::uint64_t>(micros(now) / 1000);
  const auto high = common::to_big_endian((millis << 16U) | 0x7000U | (entropy() & 0x0FFFU));
  const auto low =
      common::to_big_endian((entropy() & 0x3FFF'FFFF'FFFF'FFFFU) | 0x8000'0000'0000'0000U);
  core::BookingId id{};
  std::copy(high.begin(), high.end(), id.begin());
  std::copy(low.begin(), low.end(), id.begin() + 8);
  return id;
}

}  // namespace booking::store

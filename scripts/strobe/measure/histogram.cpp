#include "scripts/strobe/measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace strobe::measure {

void Histogram::add(std::chrono::microseconds latency) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
  ++counts_[bucket(value)];
  ++count_;
  max_ = std::max(max_, latency);
}

std::chrono::microseconds Histogram::percentile(double percent) const {
  // 99.9 has no exact double: without the epsilon its rank would be one too high.
  const double exact_rank = percent / 100.0 * static_cast<double>(count_);
  const auto rank = static_cast<std::uint64_t>(std::ceil(exact_rank - 1e-6));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank && seen > 0)
      return std::min(std::chrono::microseconds{static_cast<std::int64_t>(highest_value(i))}, max_);
  }
  return max_;
}

std::size_t Histogram::bucket(std::uint64_t value) {
  if (value < kLinear) return static_cast<std::size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
  const auto within = static_cast<std::size_t>(value >> shift) - (kLinear >> 1);
  const auto octave = static_cast<std::size_t>(shift - 1);
  return std::min(kLinear + (octave << kSubBits) + within, kBuckets - 1);
}

std::uint64_t Histogram::highest_value(std::size_t bucket) {
  if (bucket < kLinear) return bucket;
  const std::size_t octave = (bucket - kLinear) >> kSubBits;
  const std::size_t within = (bucket - kLinear) & ((std::size_t{1} << kSubBits) - 1);
  const auto shift = octave + 1;
  return ((std::uint64_t{within} + (kLinear >> 1) + 1) << shift) - 1;
}

}  // namespace strobe::measure

#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace strobe::measure {

/// Latencies in buckets whose width is at most 1/64 of their value, from 1 us to about 19 hours, in
/// fixed memory.
class Histogram {
 public:
  void add(std::chrono::microseconds latency);
  /// The latency that `percent` of the values do not exceed, up to the bucket's width; zero when
  /// empty.
  std::chrono::microseconds percentile(double percent) const;
  std::chrono::microseconds max() const { return max_; }
  std::uint64_t count() const { return count_; }

 private:
  static constexpr int kSubBits = 6;
  static constexpr std::size_t kLinear = std::size_t{2} << kSubBits;  // exact up to here
  static constexpr std::size_t kOctaves = 29;
  static constexpr std::size_t kBuckets = kLinear + (kOctaves << kSubBits);

  static std::size_t bucket(std::uint64_t value);
  static std::uint64_t highest_value(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_{0};
  std::chrono::microseconds max_{0};
};

}  // namespace strobe::measure

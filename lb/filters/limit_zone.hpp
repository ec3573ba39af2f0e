#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lb::filters {

/// What the limits of one name have turned away since the first of them was configured.
struct LimitZone {
  enum class Kind : std::uint8_t { Rate, Concurrency };

  std::atomic<std::uint64_t> refused{0};

  /// The one of this kind and name in the process.
  static std::shared_ptr<LimitZone> named(Kind kind, const std::string& name);

  struct Sample {
    Kind kind{Kind::Rate};
    std::string name;
    std::uint64_t refused{0};
  };
  /// Of those that a configuration uses, ordered by kind and name.
  static std::vector<Sample> all();
};

}  // namespace lb::filters

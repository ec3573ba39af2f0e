#pragma once

#include "app/core/field_error.hpp"
#include "common/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace booking::core {

inline constexpr std::size_t kMaxEstimateItems = 20;
inline constexpr std::size_t kMaxItemText = 100;          // characters
inline constexpr std::size_t kMaxEstimateNote = 1000;     // characters
inline constexpr std::int64_t kMaxAmount = 100'000'000;   // KRW, of one item and of the whole
inline constexpr std::chrono::days kLongestEstimate{90};  // from now to valid_until

/// Whole KRW.
struct EstimateItem {
  std::string text;
  std::int64_t amount{0};

  bool operator==(const EstimateItem&) const = default;
};

/// What the shop asks for the job.
struct Estimate {
  std::vector<EstimateItem> items;
  std::string note;
  common::WallTime valid_until;

  std::int64_t total() const;
  bool operator==(const Estimate&) const = default;
};

/// An estimate as it came in: nothing checked.
struct EstimateDraft {
  std::vector<EstimateItem> items;
  std::string note;
  std::string valid_until;  // RFC 3339
};

struct CheckedEstimate {
  std::optional<Estimate> estimate;
  std::vector<FieldError> errors;
};

/// Pointers are `/items/0/text`, `/items/0/amount`, `/items`, `/note`, `/valid_until`. An amount
/// may be below zero (a discount), the total may not.
CheckedEstimate validate(const EstimateDraft& draft, common::WallTime now);

}  // namespace booking::core

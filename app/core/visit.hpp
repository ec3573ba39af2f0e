#pragma once

#include "app/core/field_error.hpp"
#include "common/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace booking::core {

/// A technician's time is given out in pieces this long; each piece can be claimed once, which is
/// what makes a double booking impossible.
inline constexpr std::chrono::minutes kGranule{30};
inline constexpr std::chrono::minutes kShortestVisit{30};
inline constexpr std::chrono::minutes kLongestVisit{480};
inline constexpr std::size_t kMaxTechnician = 40;  // characters

struct Visit {
  std::string technician;
  common::WallTime start;  // on a granule
  std::chrono::minutes duration{kGranule};

  bool operator==(const Visit&) const = default;
};

/// A visit as it came in: nothing checked.
struct VisitDraft {
  std::string technician;
  std::string start;  // RFC 3339
  std::int64_t duration_minutes{0};
};

struct CheckedVisit {
  std::optional<Visit> visit;
  std::vector<FieldError> errors;
};

/// Pointers are `/technician`, `/start`, `/duration_minutes`.
CheckedVisit validate(const VisitDraft& draft, common::WallTime now);

/// The starts of all granules the visit touches, in order of time. Only for a checked visit.
std::vector<common::WallTime> slot_claims(const Visit& visit);

}  // namespace booking::core

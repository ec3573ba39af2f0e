#pragma once

#include <cstdint>
#include <string_view>

namespace lb::filters {

/// Why a filter answered in place of an endpoint.
enum class Reason : std::uint8_t {
  AddressDenied,
  RateLimited,
  ConcurrencyLimited,
  Unauthorized,
  PasswordsBusy,
  AuthDenied,
  AuthUnavailable,
  Maintenance,
  Redirect,
  FixedAnswer,
  Preflight,
  OriginDenied,
  BadRewrite,
};
inline constexpr std::size_t kReasonCount = 13;

struct ReasonRow {
  unsigned status;          // unless the filter is told another
  std::string_view code;    // for machines, also the metric's label
  std::string_view detail;  // a sentence
};

const ReasonRow& row_of(Reason reason);

}  // namespace lb::filters

#pragma once

#include "app/core/civil_time.hpp"

#include <string>

// Dates of the tests of the shop's calendar: a Tuesday in December, and how others are written.

/// `2026-12-01T08:00`, in Seoul.
inline common::WallTime at(const char* local) {
  return booking::core::parse_rfc3339(std::string{local} + ":00+09:00").value();
}
inline booking::core::Date day(const char* text) { return booking::core::parse_date(text).value(); }

const auto kNow = at("2026-12-01T08:00");  // a Tuesday

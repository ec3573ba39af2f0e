#pragma once

#include "common/time.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace booking::records {

struct CalendarEntry {
  std::string uid;  // the same for the same visit, so that a calendar moves it
  common::WallTime start;
  std::chrono::minutes duration{0};
  common::WallTime changed;
  std::int64_t sequence{0};  // grows with every change (RFC 5545 §3.8.7.4)
  std::string summary;
  std::string location;
  std::string description;
};

/// RFC 5545: an iCalendar object of these entries, times in UTC, lines folded at 75 octets.
std::string icalendar(std::string_view name, const std::vector<CalendarEntry>& entries);

}  // namespace booking::records

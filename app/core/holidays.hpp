#pragma once

#include "app/core/civil_time.hpp"

#include <string_view>
#include <vector>

namespace booking::core {

/// The years whose lunar days are known here. Outside of them only days of the solar calendar are
/// told.
inline constexpr int kFirstHolidayYear = 2024;
inline constexpr int kLastHolidayYear = 2040;

struct Holiday {
  Date date;
  std::string_view korean;
  std::string_view english;
  bool substitute{false};
};

/// Public holidays of the Republic of Korea in that year, in order, with their substitute days.
/// Source: 공휴일에 관한 법률 and 관공서의 공휴일에 관한 규정 (대통령령) §2 and §3. Days of an
/// election and those the government names for one year are not among them: they belong to the
/// shop's closed days.
std::vector<Holiday> public_holidays(int year);
bool is_public_holiday(Date date);

}  // namespace booking::core

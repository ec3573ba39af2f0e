#include "lb/http/date.hpp"

#include <string_view>

namespace lb::http {

DateText date_text(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto midnight = floor<days>(when);
  const year_month_day date{midnight};
  const hh_mm_ss time{floor<seconds>(when - midnight)};
  DateText out{};
  auto* at = out.data();
  const auto text = [&at](std::string_view letters) {
    for (const char letter : letters) *at++ = letter;
  };
  const auto number = [&at](std::int64_t value, int digits) {
    for (int i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
    at += digits;
  };
  text(kDays.substr(weekday{midnight}.c_encoding() * 3, 3));
  text(", ");
  number(static_cast<unsigned>(date.day()), 2);
  text(" ");
  text(kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3));
  text(" ");
  number(static_cast<int>(date.year()), 4);
  text(" ");
  number(time.hours().count(), 2);
  text(":");
  number(time.minutes().count(), 2);
  text(":");
  number(time.seconds().count(), 2);
  text(" GMT");
  return out;
}

}  // namespace lb::http

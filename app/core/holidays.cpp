#include "app/core/holidays.hpp"

#include <algorithm>
#include <array>

namespace booking::core {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

/// On which days of the week a holiday is made good for by a substitute day (§3 of the decree).
enum class Makeup { None, Sunday, Weekend };

struct Kind {
  std::string_view korean;
  std::string_view english;
  Makeup makeup;
};

struct Fixed {
  unsigned month;
  unsigned day;
  Kind kind;
  int since;  // year
};

constexpr std::array kFixed{
    Fixed{1, 1, {"신정", "New Year's Day", Makeup::None}, 0},
    Fixed{3, 1, {"삼일절", "Independence Movement Day", Makeup::Weekend}, 0},
    Fixed{5, 1, {"노동절", "Labour Day", Makeup::Weekend}, 2026},
    Fixed{5, 5, {"어린이날", "Children's Day", Makeup::Weekend}, 0},
    Fixed{6, 6, {"현충일", "Memorial Day", Makeup::None}, 0},
    Fixed{7, 17, {"제헌절", "Constitution Day", Makeup::Weekend}, 2026},
    Fixed{8, 15, {"광복절", "Liberation Day", Makeup::Weekend}, 0},
    Fixed{10, 3, {"개천절", "National Foundation Day", Makeup::Weekend}, 0},
    Fixed{10, 9, {"한글날", "Hangeul Day", Makeup::Weekend}, 0},
    Fixed{12, 25, {"성탄절", "Christmas Day", Makeup::Weekend}, 0}};

constexpr Kind kSeollal{"설날 연휴", "Lunar New Year", Makeup::Sunday};
constexpr Kind kChuseok{"추석 연휴", "Chuseok", Makeup::Sunday};
constexpr Kind kBuddha{"부처님오신날", "Buddha's Birthday", Makeup::Weekend};

/// Month and day, as month * 100 + day, of the lunar 1-1, 4-8 and 8-15 in Korea's calendar.
struct Lunar {
  unsigned seollal;
  unsigned buddha;
  unsigned chuseok;
};
constexpr std::array<Lunar, kLastHolidayYear - kFirstHolidayYear + 1> kLunar{{{210, 515, 917},
                                                                              {129, 505, 1006},
                                                                              {217, 524, 925},
                                                                              {207, 513, 915},
                                                                              {127, 502, 1003},
                                                                              {213, 520, 922},
                                                                              {203, 509, 912},
                                                                              {123, 528, 1001},
                                                                              {211, 516, 919},
                                                                              {131, 506, 908},
                                                                              {219, 525, 927},
                                                                              {208, 515, 916},
                                                                              {128, 503, 1004},
                                                                              {215, 522, 924},
                                                                              {204, 511, 913},
                                                                              {124, 430, 1002},
                                                                              {212, 518, 921}}};

struct Entry {
  sys_days date;
  Kind kind;
};

sys_days day_in(int year, unsigned month_and_day) {
  return std::chrono::year{year} / static_cast<int>(month_and_day / 100) /
         static_cast<int>(month_and_day % 100);
}

std::vector<Entry> named_days(int year) {
  std::vector<Entry> entries;
  for (const auto& fixed : kFixed)
    if (year >= fixed.since)
      entries.push_back({day_in(year, fixed.month * 100 + fixed.day), fixed.kind});
  if (year >= kFirstHolidayYear && year <= kLastHolidayYear) {
    const auto& lunar = kLunar.at(static_cast<std::size_t>(year - kFirstHolidayYear));
    for (const int offset : {-1, 0, 1}) {
      entries.push_back({day_in(year, lunar.seollal) + days{offset}, kSeollal});
      entries.push_back({day_in(year, lunar.chuseok) + days{offset}, kChuseok});
    }
    entries.push_back({day_in(year, lunar.buddha), kBuddha});
  }
  std::ranges::stable_sort(entries, {}, &Entry::date);
  return entries;
}

bool lost(const std::vector<Entry>& entries, std::size_t index) {
  const auto& entry = entries[index];
  if (entry.kind.makeup == Makeup::None) return false;
  const std::chrono::weekday day{entry.date};
  if (day == std::chrono::Sunday) return true;
  if (day == std::chrono::Saturday && entry.kind.makeup == Makeup::Weekend) return true;
  return index > 0 && entries[index - 1].date == entry.date;  // two on one day
}

}  // namespace

std::vector<Holiday> public_holidays(int year) {
  const auto entries = named_days(year);
  std::vector<Holiday> holidays;
  for (const auto& entry : entries)
    holidays.push_back({Date{entry.date}, entry.kind.korean, entry.kind.english, false});
  const auto known = [&](sys_days date) {
    return std::ranges::find(holidays, Date{date}, &Holiday::date) != holidays.end();
  };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!lost(entries, i)) continue;
    auto date = entries[i].date + days{1};
    for (std::chrono::weekday day{date};
         known(date) || day == std::chrono::Sunday || day == std::chrono::Saturday;
         day = std::chrono::weekday{date})
      date += days{1};
    holidays.push_back({Date{date}, entries[i].kind.korean, entries[i].kind.english, true});
  }
  std::ranges::stable_sort(holidays, {}, &Holiday::date);
  return holidays;
}

bool is_public_holiday(Date date) {
  const auto year = static_cast<int>(date.year());
  return std::ranges::any_of(public_holidays(year),
                             [&](const Holiday& holiday) { return holiday.date == date; });
}

}  // namespace booking::core

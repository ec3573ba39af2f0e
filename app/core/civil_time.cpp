#include "app/core/civil_time.hpp"

#include <array>
#include <cstdio>

namespace booking::core {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Takes exactly `count` digits off the front of `rest`.
std::optional<int> take_number(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : rest.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  rest.remove_prefix(count);
  return value;
}

bool take(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& rest) {
  const auto year = take_number(rest, 4);
  if (!year || !take(rest, '-')) return std::nullopt;
  const auto month = take_number(rest, 2);
  if (!month || !take(rest, '-')) return std::nullopt;
  const auto day = take_number(rest, 2);
  if (!day) return std::nullopt;
  const Date date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                  std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return date;
}

std::optional<seconds> take_time_of_day(std::string_view& rest) {
  const auto hour = take_number(rest, 2);
  if (!hour || *hour > 23 || !take(rest, ':')) return std::nullopt;
  const auto minute = take_number(rest, 2);
  if (!minute || *minute > 59 || !take(rest, ':')) return std::nullopt;
  const auto second = take_number(rest, 2);
  if (!second || *second > 59) return std::nullopt;
  return hours{*hour} + minutes{*minute} + seconds{*second};
}

std::optional<microseconds> take_fraction(std::string_view& rest) {
  if (!take(rest, '.')) return microseconds{0};
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1)) {
    if (digits++ < 6) value = value * 10 + (rest.front() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) value *= 10;
  return microseconds{value};
}

std::optional<minutes> take_offset(std::string_view& rest) {
  if (take(rest, 'Z') || take(rest, 'z')) return minutes{0};
  const bool west = take(rest, '-');
  if (!west && !take(rest, '+')) return std::nullopt;
  const auto hour = take_number(rest, 2);
  if (!hour || *hour > 23 || !take(rest, ':')) return std::nullopt;
  const auto minute = take_number(rest, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const minutes offset = hours{*hour} + minutes{*minute};
  return west ? -offset : offset;
}

}  // namespace

std::string format_rfc3339(common::WallTime time) {
  const auto local = time + kSeoulOffset;
  const auto day = floor<days>(local);
  const auto of_day = local - day;
  const auto whole = floor<seconds>(of_day);
  const auto fraction = (of_day - whole).count();
  std::array<char, 32> clock{};
  const auto total = whole.count();
  std::snprintf(clock.data(), clock.size(), "T%02d:%02d:%02d", static_cast<int>(total / 3600),
                static_cast<int>(total / 60 % 60), static_cast<int>(total % 60));
  std::string text = format_date(Date{day}) + clock.data();
  if (fraction != 0) {
    std::snprintf(clock.data(), clock.size(), ".%06d", static_cast<int>(fraction));
    text += clock.data();
  }
  return text + "+09:00";
}

std::optional<common::WallTime> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto of_day = take_time_of_day(text);
  if (!of_day) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return common::WallTime{std::chrono::sys_days{*date}.time_since_epoch() + *of_day + *fraction -
                          *offset};
}

std::string format_date(Date date) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::optional<Date> parse_date(std::string_view text) {
  const auto date = take_date(text);
  if (!text.empty()) return std::nullopt;
  return date;
}

std::string format_clock(minutes since_midnight) {
  std::array<char, 32> text{};
  const auto total = static_cast<int>(since_midnight.count());
  std::snprintf(text.data(), text.size(), "%02d:%02d", total / 60, total % 60);
  return text.data();
}

std::optional<minutes> parse_clock(std::string_view text) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !text.empty()) return std::nullopt;
  const minutes time = hours{*hour} + minutes{*minute};
  if (time > days{1}) return std::nullopt;
  return time;
}

Date seoul_date(common::WallTime time) { return Date{floor<days>(time + kSeoulOffset)}; }

}  // namespace booking::core

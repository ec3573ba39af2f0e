#include "app/api/day_offer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace booking::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::size_t kDaysOfWeek = 7;
constexpr std::size_t kMostClosedNamed = 5;

// Sunday first, as in core::CalendarRules::week.
constexpr std::array<std::string_view, kDaysOfWeek> kKorean{"일", "월", "화", "수",
                                                            "목", "금", "토"};
constexpr std::array<std::string_view, kDaysOfWeek> kEnglish{"Sun", "Mon", "Tue", "Wed",
                                                             "Thu", "Fri", "Sat"};

std::string_view word_of(std::size_t weekday, web::Language language) {
  return language == web::Language::English ? kEnglish.at(weekday) : kKorean.at(weekday);
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

/// `월–금 09:00–18:00, 토 09:00–13:00`: days of the same hours that follow each other together.
std::string hours_of_week(const core::CalendarRules& rules, web::Language language) {
  std::string text;
  for (std::size_t first = 0; first < kDaysOfWeek;) {
    const auto at = [](std::size_t place) { return (place + 1) % kDaysOfWeek; };  // Monday first
    const auto& day = rules.week.at(at(first));
    auto last = first;
    while (last + 1 < kDaysOfWeek && day && rules.week.at(at(last + 1)) &&
           rules.week.at(at(last + 1))->open == day->open)
      ++last;
    if (day) {
      std::string name{word_of(at(first), language)};
      if (last > first) name.append("–").append(word_of(at(last), language));
      append(text, fmt::format("{} {}–{}", name, core::format_clock(day->open.from),
                               core::format_clock(day->open.to)));
    }
    first = last + 1;
  }
  return text;
}

std::string rest_of(const Offer& offer, web::Language language) {
  std::string text;
  for (std::size_t place = 0; place < kDaysOfWeek; ++place) {
    const auto weekday = (place + 1) % kDaysOfWeek;
    if (!offer.rules.week.at(weekday)) append(text, word_of(weekday, language));
  }
  if (offer.rules.rests_on_holidays) append(text, web::text(language, "public_holidays"));
  std::size_t named = 0;
  for (const auto date : offer.rules.closed) {
    const bool ahead =
        !offer.days.empty() && date > offer.days.front().date && date < offer.days.back().date;
    if (ahead && named++ < kMostClosedNamed) append(text, core::format_date(date));
  }
  return text;
}

using Times = std::vector<std::chrono::minutes>;

/// Days differ in few ways, so that a page of half a year says each of them once.
class TimesOfDays {
 public:
  void rest() { set_of_day_ += "- "; }
  /// Keeps a view of the day's times.
  void work(const core::OfferedDay& day) {
    const auto found =
        std::ranges::find_if(sets_, [&](const Times* set) { return *set == day.starts; });
    set_of_day_ += std::to_string(found - sets_.begin()) + ' ';
    if (found == sets_.end()) sets_.push_back(&day.starts);
  }
  void tell(web::DayOffer& out) && {
    std::set<std::chrono::minutes> all;
    for (const auto* set : sets_) {
      if (set != sets_.front()) out.sets += '|';
      for (const auto start : *set)
        out.sets.append(start == set->front() ? "" : " ").append(core::format_clock(start));
      all.insert(set->begin(), set->end());
    }
    for (const auto start : all) out.times.push_back(core::format_clock(start));
    set_of_day_.pop_back();
    out.set_of_day = std::move(set_of_day_);
  }

 private:
  std::vector<const Times*> sets_;
  std::string set_of_day_;
};

}  // namespace

web::DayOffer day_offer(const Offer& offer, web::Language language) {
  web::DayOffer out;
  const auto hours = hours_of_week(offer.rules, language);
  if (!hours.empty())
    out.words = fmt::format("{}: {}. ", web::text(language, "visit_hours"), hours);
  if (const auto rest = rest_of(offer, language); !rest.empty())
    out.words += fmt::format("{}: {}.", web::text(language, "rest_days"), rest);
  if (offer.days.empty()) return out;
  out.first = core::format_date(offer.days.front().date);
  out.last = core::format_date(offer.days.back().date);
  TimesOfDays times;
  auto expected = sys_days{offer.days.front().date};
  for (const auto& day : offer.days) {
    for (; expected < sys_days{day.date}; expected += days{1}) {
      out.rest += (out.rest.empty() ? "" : " ") + core::format_date(core::Date{expected});
      times.rest();
    }
    times.work(day);
    expected += days{1};
  }
  std::move(times).tell(out);
  return out;
}

}  // namespace booking::api

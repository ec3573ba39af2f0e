#include "app/api/office_reads.hpp"

#include "app/core/holidays.hpp"
#include "app/records/csv.hpp"
#include "app/records/icalendar.hpp"

#include <algorithm>

namespace booking::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

common::WallTime midnight_of(core::Date date) {
  return common::WallTime{sys_days{date}.time_since_epoch()} - core::kSeoulOffset;
}

std::string_view holiday_of(core::Date date) {
  for (const auto& holiday : core::public_holidays(static_cast<int>(date.year())))
    if (holiday.date == date) return holiday.korean;
  return {};
}

std::string_view korean(core::Service service) {
  switch (service) {
    case core::Service::Leak:
      return "누수";
    case core::Service::Clog:
      return "막힘";
    case core::Service::Freeze:
      return "동파";
    case core::Service::Replace:
      return "교체";
    case core::Service::Other:
      break;
  }
  return "기타";
}

std::string_view korean(core::Status status) {
  switch (status) {
    case core::Status::Requested:
      return "접수";
    case core::Status::Quoted:
      return "견적";
    case core::Status::Approved:
      return "승인";
    case core::Status::Scheduled:
      return "방문 예정";
    case core::Status::Done:
      return "완료";
    case core::Status::Rejected:
      return "반려";
    case core::Status::Cancelled:
      break;
  }
  return "취소";
}

}  // namespace

std::vector<core::Move> staff_moves(core::Status status) {
  std::vector<core::Move> moves;
  for (const auto& rule : core::rules())
    if (rule.by == core::Party::Staff && rule.from == status) moves.push_back(rule.move);
  return moves;
}

std::vector<core::BookingId> promised(const std::vector<core::Booking>& bookings) {
  std::vector<core::BookingId> ids;
  for (const auto& booking : bookings)
    if (booking.visit &&
        (booking.status == core::Status::Approved || booking.status == core::Status::Scheduled))
      ids.push_back(booking.id);
  return ids;
}

CalendarView calendar_view(std::vector<core::Booking> visits, std::vector<std::string> technicians,
                           const core::CalendarRules& rules, const store::Period& period) {
  CalendarView view{.visits = std::move(visits), .days = {}, .technicians = std::move(technicians)};
  for (const auto& booking : view.visits)
    if (booking.visit &&
        std::ranges::find(view.technicians, booking.visit->technician) == view.technicians.end())
      view.technicians.push_back(booking.visit->technician);
  auto date = core::seoul_date(period.from);
  while (midnight_of(date) < period.to && view.days.size() < kMostDays) {
    view.days.push_back(
        {date, core::hours_of(rules, date), holiday_of(date), rules.closed.contains(date)});
    date = core::Date{sys_days{date} + days{1}};
  }
  return view;
}

MonthReport month_report(std::string month, const store::Period& period,
                         const store::StatusCounts& made,
                         const std::vector<core::Booking>& visits) {
  MonthReport report{.month = std::move(month), .services = {}};
  for (const auto& [status, count] : made) {
    report.received += count;
    if (status == core::Status::Cancelled) report.cancelled = count;
  }
  std::map<core::Service, MonthReport::Row> rows;
  for (const auto& booking : visits) {
    if (booking.status != core::Status::Done || !booking.visit ||
        booking.visit->start < period.from)
      continue;
    const auto sum = booking.estimate ? booking.estimate->total() : 0;
    auto& row = rows[booking.request.service];
    row.service = booking.request.service;
    ++row.jobs;
    row.revenue += sum;
    ++report.done;
    report.revenue += sum;
  }
  for (const auto& entry : rows) report.services.push_back(entry.second);
  return report;
}

std::optional<store::Period> month_period(std::string_view month) {
  const auto first = core::parse_date(std::string{month}.append("-01"));
  if (!first) return std::nullopt;
  const auto next =
      core::Date{first->year(), first->month(), std::chrono::day{1}} + std::chrono::months{1};
  return store::Period{midnight_of(*first), midnight_of(next)};
}

std::string bookings_csv(const std::vector<core::Booking>& bookings) {
  records::Csv csv{{"번호", "접수 시각", "상태", "종류", "이름", "전화", "주소", "증상",
                    "방문 시각", "소요(분)", "담당 기사", "견적(원)", "사유"}};
  for (const auto& booking : bookings) {
    const auto& visit = booking.visit;
    csv.add({booking.number.grouped(), core::format_rfc3339(booking.created),
             std::string{korean(booking.status)}, std::string{korean(booking.request.service)},
             booking.request.name, booking.request.phone.national(),
             core::whole_address(booking.request), booking.request.description,
             visit ? core::format_rfc3339(visit->start) : "",
             visit ? std::to_string(visit->duration.count()) : "", visit ? visit->technician : "",
             booking.estimate ? std::to_string(booking.estimate->total()) : "", booking.reason});
  }
  return csv.text();
}

std::string visits_calendar(std::string_view business, const std::vector<core::Booking>& visits) {
  std::vector<records::CalendarEntry> entries;
  for (const auto& booking : visits) {
    if (!booking.visit) continue;
    entries.push_back(
        {.uid = booking.number.text() + "@bookd",
         .start = booking.visit->start,
         .duration = booking.visit->duration,
         .changed = booking.updated,
         .sequence = booking.version,
         .summary = std::string{korean(booking.request.service)} + " · " + booking.request.name +
                    " · " + booking.visit->technician,
         .location = core::whole_address(booking.request),
         .description = std::string{korean(booking.status)} + ", " + booking.number.grouped()});
  }
  return records::icalendar(business, entries);
}

std::vector<std::string> names_of(const std::vector<core::Booking>& bookings) {
  std::vector<std::string> names;
  names.reserve(bookings.size());
  for (const auto& booking : bookings) names.push_back(booking.number.text());
  return names;
}

}  // namespace booking::api

#include "app/api/office_json.hpp"

#include "app/api/booking_json.hpp"
#include "app/api/calendar_json.hpp"
#include "app/api/consent_texts.hpp"
#include "app/api/json_reader.hpp"
#include "app/core/text.hpp"
#include "app/privacy/hex.hpp"
#include "app/store/shown_version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace booking::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestNote = 2000;   // characters
constexpr std::size_t kLongestReason = 200;  // characters of an export's

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }
json::string text(common::WallTime time) { return text(core::format_rfc3339(time)); }

json::object view(const store::PastBooking& past) {
  json::object out{{"number", text(past.number.grouped())},
                   {"status", text(core::to_string(past.status))},
                   {"service", text(core::to_string(past.service))},
                   {"created_at", text(past.created)}};
  if (past.visit) out["visit_start"] = text(*past.visit);
  return out;
}

json::array view(const std::vector<store::PastBooking>& past) {
  json::array out;
  for (const auto& one : past) out.push_back(view(one));
  return out;
}

json::object view(const CalendarDay& day) {
  json::object out{{"date", text(core::format_date(day.date))}, {"closed", day.closed}};
  if (!day.holiday.empty()) out["holiday"] = text(day.holiday);
  if (!day.hours) return out;
  out["open"] = hours_object(day.hours->open);
  if (day.hours->lunch) out["lunch"] = hours_object(*day.hours->lunch);
  return out;
}

json::object view(const store::Customer& customer) {
  json::object out{{"id", text(to_text(customer.id))},
                   {"name", text(customer.name)},
                   {"phone", text(customer.phone.national())},
                   {"note", text(customer.note)},
                   {"blocked", customer.blocked},
                   {"version", store::version_of(customer)},
                   {"bookings", customer.bookings}};
  if (customer.last) out["last_booking_at"] = text(*customer.last);
  return out;
}

json::object view(const core::Consent& consent) {
  json::object out{{"kind", text(core::to_string(consent.kind))},
                   {"notice", text(consent.notice)},
                   {"given_at", text(consent.given)}};
  if (!consent.text) return out;
  out["text_sha256"] = text(privacy::to_hex(*consent.text));
  if (const auto words = text_of(consent); !words.empty()) out["text"] = text(words);
  return out;
}

json::array names(const std::vector<std::string>& all) {
  json::array out;
  for (const auto& name : all) out.push_back(text(name));
  return out;
}

core::FieldError invalid(std::string pointer, std::string korean, std::string english) {
  return {std::move(pointer), "invalid", std::move(korean), std::move(english)};
}

/// What is no text is longer than any bound.
std::size_t length_of(const std::string& text, core::Lines lines) {
  return core::length_of_text(text, lines).value_or(text.max_size());
}

void check_reason(const std::string& reason, FieldErrors& errors) {
  const auto words = core::checked_reason(reason);
  if (!words || words->empty() || length_of(*words, core::Lines::Many) > kLongestReason)
    errors.push_back(
        invalid("/reason", "이유를 200자까지 적어 주세요.", "Say why, in at most 200 characters."));
}

}  // namespace

Read<MoveWords> read_move(std::string_view body, core::Move move) {
  using enum core::Move;
  return read_object<MoveWords>(body, [move](auto& reader, auto& words, FieldErrors& errors) {
    if (move == Approve || move == Schedule || move == Reschedule) {
      reader.read("technician", words.visit.technician);
      reader.read("start", words.visit.start);
      reader.read("duration_minutes", words.visit.duration_minutes);
      reader.read("anyway", words.anyway);
      words.has_visit = move != Schedule || !words.visit.start.empty();
    }
    if (move == Reschedule) reader.read("notify", words.notify);
    if (move == Reject || move == Cancel) {
      reader.require("reason");
      reader.read("reason", words.reason);
    }
    if (move != Quote) return;
    reader.require("items");
    for (const auto* item : reader.objects("items", core::kMaxEstimateItems)) {
      const auto index = words.estimate.items.size();
      auto& out = words.estimate.items.emplace_back();
      if (item == nullptr) continue;
      ObjectReader row{*item, "/items/" + std::to_string(index), errors};
      row.read("text", out.text);
      row.read("amount", out.amount);
      row.refuse_unknown();
    }
    reader.read("note", words.estimate.note);
    reader.read("valid_until", words.estimate.valid_until);
  });
}

Read<std::vector<std::string>> read_technicians(std::string_view body) {
  using Names = std::vector<std::string>;
  return read_object<Names>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    reader.require("technicians");
    for (const auto* one : reader.objects("technicians", store::kMostTechnicians)) {
      const auto pointer = "/technicians/" + std::to_string(out.size());
      auto& name = out.emplace_back();
      if (one == nullptr) continue;
      ObjectReader row{*one, pointer, errors};
      row.read("name", name);
      row.refuse_unknown();
      const auto length = length_of(name, core::Lines::One);
      if (length == 0 || length > core::kMaxTechnician)
        errors.push_back(invalid(pointer + "/name", "기사 이름은 1자 이상 40자 이하입니다.",
                                 "A technician's name has 1 to 40 characters."));
    }
  });
}

Read<std::string> read_customer_search(std::string_view body) {
  return read_object<std::string>(body, [](auto& reader, auto& out, FieldErrors&) {
    reader.require("phone");
    reader.read("phone", out);
  });
}

Read<CustomerWords> read_customer_change(std::string_view body) {
  return read_object<CustomerWords>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    std::string note{'\0'};  // not given
    reader.read("note", note);
    reader.read("blocked", out.blocked);
    if (note.size() == 1 && note[0] == '\0') return;
    if (length_of(note, core::Lines::Many) > kLongestNote)
      errors.push_back(invalid("/note", "메모는 2000자까지입니다.", "At most 2000 characters."));
    out.note = std::move(note);
  });
}

Read<core::BookingId> read_id(std::string_view body, std::string_view key) {
  return read_object<core::BookingId>(body, [key](auto& reader, auto& out, FieldErrors& errors) {
    std::string text;
    reader.require(key);
    reader.read(key, text);
    if (const auto id = parse_id(text))
      out = *id;
    else
      errors.push_back(invalid("/" + std::string{key}, "없는 번호입니다.", "This is no id."));
  });
}

Read<ErasureWords> read_erasure(std::string_view body) {
  return read_object<ErasureWords>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    reader.require("reason");
    reader.read("reason", out.reason);
    check_reason(out.reason, errors);
    for (const auto& text : reader.strings("cancel", store::kMostHistory)) {
      if (auto number = core::BookingNumber::parse(text))
        out.cancel.push_back(std::move(*number));
      else
        errors.push_back(
            invalid("/cancel", "예약 번호가 아닙니다.", "This is no booking's number."));
    }
  });
}

Read<ExportWords> read_export(std::string_view body) {
  return read_object<ExportWords>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    reader.require("month");
    reader.require("reason");
    reader.read("month", out.month);
    reader.read("reason", out.reason);
    if (!month_period(out.month))
      errors.push_back(invalid("/month", "2026-12처럼 적어 주세요.", "Such as 2026-12."));
    check_reason(out.reason, errors);
  });
}

std::string inbox_json(const store::BookingPage& page,
                       const std::map<core::BookingId, store::KnownGuest>& guests,
                       const std::set<core::BookingId>& wished_anew) {
  json::array bookings;
  for (const auto& booking : page.bookings) {
    auto row = booking_object(booking);
    const auto found = guests.find(booking.id);
    const auto guest = found == guests.end() ? store::KnownGuest{} : found->second;
    row["earlier_visits"] = guest.earlier;
    row["blocked"] = guest.blocked;
    row["wished_anew"] = wished_anew.contains(booking.id);
    bookings.push_back(std::move(row));
  }
  json::value next = nullptr;
  if (page.next) next = text(store::to_text(*page.next));
  return json::serialize(json::object{{"bookings", std::move(bookings)}, {"next_cursor", next}});
}

std::string detail_json(const BookingDetail& detail) {
  auto out = booking_object(detail.booking);
  out["events"] = events_array(detail.timeline);
  out["earlier"] = view(detail.earlier);
  out["photos"] = names(detail.photos);
  json::array consents;
  for (const auto& consent : detail.consents) consents.push_back(view(consent));
  out["consents"] = std::move(consents);
  json::array moves;
  for (const auto move : staff_moves(detail.booking.status))
    moves.push_back(text(core::to_string(move)));
  out["moves"] = std::move(moves);
  return json::serialize(out);
}

std::string calendar_json(const CalendarView& shown) {
  json::array visits;
  for (const auto& booking : shown.visits) {
    auto row = booking_object(booking);
    row["wished_anew"] = shown.wished_anew.contains(booking.id);
    visits.push_back(std::move(row));
  }
  json::array all_days;
  for (const auto& day : shown.days) all_days.push_back(view(day));
  return json::serialize(json::object{{"visits", std::move(visits)},
                                      {"days", std::move(all_days)},
                                      {"technicians", names(shown.technicians)}});
}

std::string technicians_json(const std::vector<std::string>& all) {
  json::array out;
  for (const auto& name : all) out.push_back(json::object{{"name", text(name)}});
  return json::serialize(
      json::object{{"technicians", std::move(out)}, {"version", store::version_of(all)}});
}

std::string starts_json(const std::vector<common::WallTime>& starts) {
  json::array out;
  for (const auto start : starts) out.push_back(text(start));
  return json::serialize(json::object{{"starts", std::move(out)}});
}

std::string customers_json(const std::vector<store::Customer>& customers) {
  json::array out;
  for (const auto& customer : customers) out.push_back(view(customer));
  return json::serialize(json::object{{"customers", std::move(out)}});
}

std::string customer_file_json(const store::CustomerFile& file) {
  auto out = view(file.customer);
  out["history"] = view(file.history);
  json::array merges;
  for (const auto& one : file.merged)
    merges.push_back(json::object{{"id", text(to_text(one.id))},
                                  {"name", text(one.name)},
                                  {"phone", text(one.phone.national())},
                                  {"at", text(one.at)},
                                  {"by", text(one.by)}});
  out["merges"] = std::move(merges);
  json::array consents;
  for (const auto& [number, consent] : file.consents) {
    auto row = view(consent);
    row["number"] = text(number.grouped());
    consents.push_back(std::move(row));
  }
  out["consents"] = std::move(consents);
  return json::serialize(out);
}

std::string report_json(const MonthReport& report) {
  json::array services;
  for (const auto& row : report.services)
    services.push_back(json::object{{"service", text(core::to_string(row.service))},
                                    {"jobs", row.jobs},
                                    {"revenue", row.revenue}});
  return json::serialize(json::object{{"month", text(report.month)},
                                      {"received", report.received},
                                      {"cancelled", report.cancelled},
                                      {"done", report.done},
                                      {"revenue", report.revenue},
                                      {"services", std::move(services)}});
}

std::string file_json(const std::string& name, const std::string& csv) {
  return json::serialize(json::object{{"name", text(name)}, {"csv", text(csv)}});
}

std::string path_json(const std::string& path) {
  return json::serialize(json::object{{"path", text(path)}});
}

std::string audit_json(const store::AuditPage& page) {
  json::array entries;
  for (const auto& [entry, hash] : page)
    entries.push_back(json::object{{"sequence", entry.sequence},
                                   {"at", text(entry.at)},
                                   {"actor", text(entry.actor)},
                                   {"address", text(entry.address)},
                                   {"action", text(entry.action)},
                                   {"subject", text(entry.subject)},
                                   {"detail", text(entry.detail)}});
  json::value next = nullptr;
  if (!page.empty() && page.back().entry.sequence > 1) next = page.back().entry.sequence;
  return json::serialize(json::object{{"entries", std::move(entries)}, {"next_before", next}});
}

std::string verdict_json(std::int64_t entries, std::optional<std::int64_t> first_broken) {
  json::value broken = nullptr;
  if (first_broken) broken = *first_broken;
  return json::serialize(json::object{{"entries", entries}, {"first_broken", broken}});
}

std::string to_text(const core::BookingId& id) {
  std::string text;
  for (const auto octet : id) text += fmt::format("{:02x}", octet);
  return text;
}

std::optional<core::BookingId> parse_id(std::string_view text) {
  core::BookingId id{};
  if (text.size() != 2 * id.size()) return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

}  // namespace booking::api

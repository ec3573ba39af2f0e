#include "app/core/booking.hpp"

#include <algorithm>
#include <utility>

namespace booking::core {
namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<Service, 5> kServices{{{Service::Leak, "leak"},
                                       {Service::Clog, "clog"},
                                       {Service::Freeze, "freeze"},
                                       {Service::Replace, "replace"},
                                       {Service::Other, "other"}}};
constexpr Words<DayPart, 3> kDayParts{
    {{DayPart::Morning, "morning"}, {DayPart::Afternoon, "afternoon"}, {DayPart::Any, "any"}}};
constexpr Words<Status, 7> kStatuses{{{Status::Requested, "requested"},
                                      {Status::Quoted, "quoted"},
                                      {Status::Approved, "approved"},
                                      {Status::Scheduled, "scheduled"},
                                      {Status::Done, "done"},
                                      {Status::Rejected, "rejected"},
                                      {Status::Cancelled, "cancelled"}}};

constexpr Words<ConsentKind, 2> kConsents{
    {{ConsentKind::KeepPhotos, "keep_photos"}, {ConsentKind::Marketing, "marketing"}}};

template <class Enum, std::size_t N>
std::string_view word_of(const Words<Enum, N>& words, Enum value) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [value](const auto& entry) { return entry.first == value; });
  return found == words.end() ? std::string_view{} : found->second;
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Words<Enum, N>& words, std::string_view word) {
  for (const auto& entry : words)
    if (entry.second == word) return entry.first;
  return std::nullopt;
}

template <class Enum, std::size_t N>
std::optional<Enum> numbered(const Words<Enum, N>& words, std::int64_t number) {
  for (const auto& entry : words)
    if (static_cast<std::int64_t>(entry.first) == number) return entry.first;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Service service) { return word_of(kServices, service); }
std::string_view to_string(DayPart part) { return word_of(kDayParts, part); }
std::string_view to_string(Status status) { return word_of(kStatuses, status); }

std::optional<Service> parse_service(std::string_view text) { return value_of(kServices, text); }
std::optional<DayPart> parse_day_part(std::string_view text) { return value_of(kDayParts, text); }
std::optional<Status> parse_status(std::string_view text) { return value_of(kStatuses, text); }

std::string_view to_string(ConsentKind kind) { return word_of(kConsents, kind); }
std::optional<ConsentKind> consent_kind_of(std::int64_t number) {
  return numbered(kConsents, number);
}

std::string whole_address(const BookingRequest& request) {
  if (request.address_detail.empty()) return request.address;
  return request.address + ", " + request.address_detail;
}

std::optional<Service> service_of(std::int64_t number) { return numbered(kServices, number); }
std::optional<DayPart> day_part_of(std::int64_t number) { return numbered(kDayParts, number); }
std::optional<Status> status_of(std::int64_t number) { return numbered(kStatuses, number); }

DayPart half_of(std::chrono::minutes start) {
  return start < std::chrono::hours{12} ? DayPart::Morning : DayPart::Afternoon;
}

}  // namespace booking::core

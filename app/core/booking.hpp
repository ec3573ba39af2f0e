#pragma once

#include "app/core/booking_number.hpp"
#include "app/core/civil_time.hpp"
#include "app/core/estimate.hpp"
#include "app/core/phone.hpp"
#include "app/core/visit.hpp"
#include "common/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::core {

// The numbers of these enumerations are stored; never reuse or change one.
enum class Service : std::uint8_t { Leak = 1, Clog = 2, Freeze = 3, Replace = 4, Other = 5 };
enum class DayPart : std::uint8_t { Morning = 1, Afternoon = 2, Any = 3 };
enum class Status : std::uint8_t {
  Requested = 1,
  Quoted = 2,
  Approved = 3,
  Scheduled = 4,
  Done = 5,
  Rejected = 6,
  Cancelled = 7
};

/// The words of the API, and back.
std::string_view to_string(Service service);
std::string_view to_string(DayPart part);
std::string_view to_string(Status status);
std::optional<Service> parse_service(std::string_view text);
std::optional<DayPart> parse_day_part(std::string_view text);
std::optional<Status> parse_status(std::string_view text);
/// The stored numbers, back.
std::optional<Service> service_of(std::int64_t number);
std::optional<DayPart> day_part_of(std::int64_t number);
std::optional<Status> status_of(std::int64_t number);
/// Which half of the day begins a visit at that time, as minutes since midnight in Seoul.
DayPart half_of(std::chrono::minutes start);

/// When the guest would like a visit.
struct PreferredWindow {
  Date date;
  DayPart part{DayPart::Any};
  /// A time to begin, as minutes since midnight in Seoul, on a granule; `part` is the half it lies
  /// in, which is all that who knows nothing of times needs.
  std::optional<std::chrono::minutes> start{};

  bool operator==(const PreferredWindow&) const = default;
};

/// What a guest asked for, checked (see booking_request.hpp).
struct BookingRequest {
  Service service{Service::Other};
  std::string description;
  std::string address;           // to the building; all of it in requests of before there was more
  std::string address_detail{};  // the flat, the floor, how to get in; may be empty
  std::string name;
  Phone phone;
  std::vector<PreferredWindow> preferred;
  // Each given freely and apart from the rest (개인정보 보호법 §22).
  bool keep_photos{false};  // longer than RetentionRules says
  bool marketing{false};
  bool urgent{false};  // the guest says that it cannot wait

  bool operator==(const BookingRequest&) const = default;
};

/// Both parts of the address in one line.
std::string whole_address(const BookingRequest& request);

/// The version of the privacy notice a guest saw, kept with each consent.
inline constexpr std::string_view kNoticeVersion = "2026-11";

// The numbers are stored; never reuse or change one.
enum class ConsentKind : std::uint8_t { KeepPhotos = 1, Marketing = 2 };
std::string_view to_string(ConsentKind kind);
std::optional<ConsentKind> consent_kind_of(std::int64_t number);

using TextHash = std::array<std::uint8_t, 32>;  // SHA-256

/// What somebody agreed to, and in which words it was asked.
struct Consent {
  ConsentKind kind{ConsentKind::KeepPhotos};
  std::string notice;            // kNoticeVersion of then
  std::optional<TextHash> text;  // nothing when it was given before they were kept
  common::WallTime given;
};

using BookingId = std::array<std::uint8_t, 16>;

struct Booking {
  BookingId id{};
  BookingNumber number;
  Status status{Status::Requested};
  BookingRequest request;
  std::optional<Visit> visit;        // from approval on, or later when a guest took an estimate
  std::optional<Estimate> estimate;  // the last one
  std::string reason;                // of a rejection or a cancellation
  std::int64_t version{1};           // grows with every change
  common::WallTime created;
  common::WallTime updated;
  bool anonymised{false};  // nothing personal is left of it
};

}  // namespace booking::core

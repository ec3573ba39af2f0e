#pragma once

#include "app/core/booking.hpp"
#include "app/core/calendar.hpp"
#include "app/records/audit_chain.hpp"
#include "app/store/errc.hpp"
#include "app/store/once.hpp"
#include "app/store/store_types.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace booking::store {

inline constexpr std::size_t kMostVisits = 2000;   // of one look at the calendar
inline constexpr std::size_t kMostCustomers = 50;  // of one search
inline constexpr std::size_t kMostHistory = 100;   // bookings of one customer
inline constexpr std::size_t kMostTechnicians = 50;
inline constexpr std::size_t kMostAuditEntries = 500;  // of one page
inline constexpr std::size_t kMostExported = 5000;     // bookings of one file

/// A booking as a line of somebody's history.
struct PastBooking {
  core::BookingNumber number;
  core::Status status{core::Status::Requested};
  core::Service service{core::Service::Other};
  common::WallTime created;
  std::optional<common::WallTime> visit;
};

struct Period {
  common::WallTime from;
  common::WallTime to;  // not included
};

/// What a person is to the shop: a telephone number, and others that were found to be theirs.
struct Customer {
  core::BookingId id{};
  std::string name;
  core::Phone phone;
  std::string note;
  bool blocked{false};
  std::size_t bookings{0};
  std::optional<common::WallTime> last;  // booking
  bool merged{false};                    // it is part of another one
};

struct CustomerFile {
  struct Merged {
    core::BookingId id{};
    std::string name;
    core::Phone phone;
    common::WallTime at;
    std::string by;
  };
  struct Agreed {
    core::BookingNumber number;
    core::Consent consent;
  };
  Customer customer;
  std::vector<PastBooking> history;  // newest first
  std::vector<Merged> merged;        // other numbers of this person
  std::vector<Agreed> consents;      // of the bookings of the history, newest first
};

/// By the whole number, by its last four digits, or, with neither, those who came last.
struct CustomerQuery {
  std::optional<core::Phone> phone;
  std::string last_four;
};

struct CustomerChange {
  core::BookingId id{};
  std::optional<std::string> note;
  std::optional<bool> blocked;
  std::optional<std::int64_t> version;  // If-Match: any, when absent
  Actor actor;
  common::WallTime now;
};
enum class CustomerRefusal { NotFound, Stale };
/// The version it has now.
using CustomerOutcome = std::variant<std::int64_t, CustomerRefusal>;

/// Who works for the shop, all of them anew.
struct TechniciansChange {
  std::vector<std::string> names;
  std::optional<std::int64_t> version;  // If-Match: any, when absent
  Actor actor;
  common::WallTime now;
};
enum class TechniciansRefusal { Stale };
/// The version they have now.
using TechniciansOutcome = std::variant<std::int64_t, TechniciansRefusal>;

/// What the shop knows of a booking's customer before it reads the booking.
struct KnownGuest {
  std::int64_t earlier{0};  // bookings made before this one
  bool blocked{false};

  bool operator==(const KnownGuest&) const = default;
};

struct CustomerMerge {
  core::BookingId into{};
  core::BookingId from{};
  Actor actor;
  common::WallTime now;
};

enum class MergeOutcome {
  Done,
  NotFound,
  Same,       // a customer cannot be merged into itself
  MergedYet,  // one of them is part of another one, or `from` has such parts: undo those first
};

/// What a customer asked for (개인정보 보호법 §36).
struct CustomerErasure {
  core::BookingId id{};
  std::string reason;
  std::vector<core::BookingNumber> cancel;  // those still to be done that are called off with it
  Actor actor;
  common::WallTime now;
};

enum class ErasureOutcome {
  Done,
  NotFound,
  Open,  // there are bookings still to be done that `cancel` does not name
};

struct AuditQuery {
  std::optional<std::int64_t> before;  // downwards from here, from the newest without it
  std::optional<std::int64_t> after;   // or upwards from here
  std::size_t limit{50};               // cut to 1..kMostAuditEntries
};

struct AuditLine {
  records::AuditEntry entry;
  records::ChainHash hash{};
};
using AuditPage = std::vector<AuditLine>;

struct AuditHead {
  std::int64_t sequence{0};
  records::ChainHash hash{};
};

/// The version of the calendar nobody has set yet.
inline constexpr std::int64_t kFirstCalendarVersion = 1;

struct ShopCalendar {
  core::CalendarRules rules;
  std::int64_t version{kFirstCalendarVersion};
};

struct CalendarChange {
  core::CalendarRules rules;
  std::optional<std::int64_t> version;  // If-Match: any, when absent
  Actor actor;
  common::WallTime now;
};
enum class CalendarRefusal { Stale };
/// The version it has now.
using CalendarOutcome = std::variant<std::int64_t, CalendarRefusal>;

/// How many bookings were made in a time, by what has become of them.
using StatusCounts = std::map<core::Status, std::int64_t>;

/// What those who work on bookings read and keep. Nothing here moves a booking.
class Office {
 public:
  Office() = default;
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;
  virtual ~Office() = default;

  virtual Awaitable<std::optional<core::Booking>> booking(core::BookingNumber number) = 0;
  /// Of whom these are, where that is somebody who was here before or is blocked.
  virtual Awaitable<std::map<core::BookingId, KnownGuest>> known_guests(
      std::vector<core::BookingId> bookings) = 0;
  /// Those of these whose guest wished for other times after the shop's last word on the visit.
  virtual Awaitable<std::set<core::BookingId>> wished_anew(
      std::vector<core::BookingId> bookings) = 0;
  /// What the same customer asked for before, newest first.
  virtual Awaitable<std::vector<PastBooking>> earlier(core::BookingId booking) = 0;
  /// Those whose visit lies in the period or reaches into it, in order of time; cancelled ones are
  /// not among them.
  virtual Awaitable<std::vector<core::Booking>> visits(Period period) = 0;
  /// Those that were made in the period, in order of time.
  virtual Awaitable<std::vector<core::Booking>> made(Period period) = 0;
  virtual Awaitable<StatusCounts> made_counts(Period period) = 0;

  /// In the order of the shop.
  virtual Awaitable<std::vector<std::string>> technicians() = 0;
  virtual Awaitable<TechniciansOutcome> set_technicians(TechniciansChange change) = 0;

  /// When the shop works, for all nodes.
  virtual Awaitable<ShopCalendar> calendar() = 0;
  virtual Awaitable<CalendarOutcome> set_calendar(CalendarChange change) = 0;

  virtual Awaitable<std::vector<Customer>> find_customers(CustomerQuery query) = 0;
  virtual Awaitable<std::optional<CustomerFile>> customer(core::BookingId id) = 0;
  virtual Awaitable<CustomerOutcome> change_customer(CustomerChange change) = 0;
  virtual Awaitable<Keyed<MergeOutcome>> merge_customers(CustomerMerge merge, Once once) = 0;
  virtual Awaitable<Keyed<MergeOutcome>> unmerge_customers(CustomerMerge merge, Once once) = 0;

  /// Forgets the customer, the numbers merged into it and all their bookings, as retention does
  /// when their time is over: words, photos and estimates' texts go, figures stay.
  virtual Awaitable<Keyed<ErasureOutcome>> erase_customer(CustomerErasure erasure, Once once) = 0;

  /// Closes the address of before.
  virtual Awaitable<Keyed<Done>> set_feed(std::array<std::uint8_t, 32> token_hash, Actor actor,
                                          Once once) = 0;
  virtual Awaitable<Outcome> knows_feed(std::array<std::uint8_t, 32> token_hash) = 0;

  /// What was answered to the key before; nothing when it is new.
  virtual Awaitable<std::optional<std::variant<Replay, KeyRefusal>>> recall(Once once) = 0;

  /// Notes what changed nothing: who looked at or took away whose data.
  virtual Awaitable<Done> note(Actor actor, std::string action, std::string subject,
                               std::string detail, common::WallTime now) = 0;
  virtual Awaitable<AuditPage> audit(AuditQuery query) = 0;
  virtual Awaitable<AuditHead> audit_head() = 0;
};

}  // namespace booking::store

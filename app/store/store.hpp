#pragma once

#include "app/core/amendment.hpp"
#include "app/core/calendar.hpp"
#include "app/core/idempotency.hpp"
#include "app/core/lifecycle.hpp"
#include "app/store/cursor.hpp"
#include "app/store/errc.hpp"
#include "common/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace booking::store {

template <class T>
using Awaitable = boost::asio::awaitable<common::Result<T>>;

struct Done {};

/// 64 random bits; tests bring their own to make numbers collide.
using EntropySource = std::function<std::uint64_t()>;
std::uint64_t system_entropy();

struct CreateBooking {
  core::BookingRequest request;
  std::string idempotency_key;  // checked by core::is_idempotency_key
  core::Fingerprint fingerprint{};
  common::WallTime now;
};

/// What a guest is told of a booking just made; told again, word for word, when the key comes
/// again.
struct Receipt {
  core::BookingNumber number;
  core::Status status{core::Status::Requested};
  common::WallTime created;
};

struct Created {
  Receipt receipt;
  bool replayed{false};
};

enum class CreateRefusal { KeyMismatch, KeyRunning };
using CreateOutcome = std::variant<Created, CreateRefusal>;

inline constexpr std::size_t kMaxPage = 100;

struct BookingQuery {
  std::optional<core::Status> status;
  std::optional<Cursor> after;
  std::size_t limit{50};  // cut to 1..kMaxPage
};

/// Newest first. `next` is there when there is more.
struct BookingPage {
  std::vector<core::Booking> bookings;
  std::optional<Cursor> next;
};

/// Who did it, for the audit log.
struct Actor {
  std::string name;     // up to 60 octets
  std::string address;  // up to 45 octets: an IP address
};

/// Something done to a booking that is there; which fields count is the move's affair.
struct Transition {
  core::BookingNumber number;
  core::Move move{core::Move::Approve};
  core::Party by{core::Party::Staff};
  std::optional<core::Phone> phone{};          // a guest's: a booking of another one is not found
  std::optional<std::int64_t> version{};       // If-Match: any, when absent
  std::optional<core::Visit> visit{};          // Approve, Reschedule; Schedule when none stands yet
  std::optional<core::Estimate> estimate{};    // Quote
  std::optional<core::Amendment> amendment{};  // Change
  std::string reason{};                        // Reject, Cancel, Decline
  std::string idempotency_key{};               // empty: none
  core::Fingerprint fingerprint{};             // by fingerprint(), when there is a key
  core::GuestPolicy policy{};
  std::chrono::minutes travel{0};  // claimed after the visit
  Actor actor{};
  common::WallTime now{};
};

/// The booking as it is now; for a key that came before, no more was done.
struct Moved {
  core::Booking booking;
  bool replayed{false};
};

enum class MoveRefusal {
  NotFound,
  Stale,         // another version than the one named
  IllegalMove,   // not from this status, or not by this party
  SlotTaken,     // the technician's time is claimed
  VisitNeeded,   // there is none, and none was brought
  TooLate,       // the guest's cut-off is over
  EstimateOver,  // its time is over
  KeyMismatch,
  KeyRunning
};
using MoveOutcome = std::variant<Moved, MoveRefusal>;

/// Claimed time of one technician, starts of granules.
struct ClaimQuery {
  std::string technician;
  common::WallTime from;
  common::WallTime to;  // not included
};

using TokenHash = std::array<std::uint8_t, 32>;  // made by auth::hash_token

struct AdminSession {
  TokenHash token_hash{};
  std::string username;
  common::WallTime created;
  common::WallTime expires;
};

struct LoginFailures {
  std::uint32_t count{0};  // in a row
  common::WallTime last;
};

/// Whether requests can be served, as of the last probe.
struct Readiness {
  bool reachable{false};
  bool schema_ok{false};
  bool writable{false};
  std::vector<std::string> reasons;  // why not, in plain words

  bool ready() const { return reachable && schema_ok && writable; }
};

/// Since the start, for metrics.
struct Statistics {
  std::uint64_t operations{0};
  std::uint64_t overloaded{0};    // refused: queue full or waited too long
  std::uint64_t connects{0};      // connections opened
  std::uint64_t lost{0};          // connections that broke
  std::uint64_t retries{0};       // transactions done again
  std::uint64_t queue_length{0};  // right now
};

/// Where bookings are kept. Every operation ends within the store's deadline, resumes on the
/// caller's executor, and may be called from any thread. An error is one of Errc.
class Store {
 public:
  virtual ~Store() = default;

  /// Makes the booking and records its key in one transaction. A lost connection during the commit
  /// is settled by doing it again with the same key, so it is made once or not at all.
  virtual Awaitable<CreateOutcome> create_booking(CreateBooking command) = 0;

  /// Nothing both when there is no such number and when the phone is another one.
  virtual Awaitable<std::optional<core::Booking>> find_booking(core::BookingNumber number,
                                                               core::Phone phone) = 0;

  virtual Awaitable<BookingPage> list_bookings(BookingQuery query) = 0;

  /// Does one row of core::rules() with all that belongs to it (claims, estimate, timeline, audit
  /// log) or nothing of it.
  virtual Awaitable<MoveOutcome> move(Transition command) = 0;

  /// What became of a booking, oldest first.
  virtual Awaitable<std::vector<core::Event>> timeline(core::BookingId booking) = 0;

  virtual Awaitable<core::Taken> claims(ClaimQuery query) = 0;

  /// Also written to the audit log.
  virtual Awaitable<Done> create_session(AdminSession session, Actor actor) = 0;
  /// Nothing for an unknown or expired one.
  virtual Awaitable<std::optional<AdminSession>> find_session(TokenHash token_hash,
                                                              common::WallTime now) = 0;
  virtual Awaitable<Done> delete_session(TokenHash token_hash, Actor actor,
                                         common::WallTime now) = 0;

  /// `subject` names what is counted, such as `user:owner` or `address:192.0.2.1`; up to 120
  /// octets. Shared by all application nodes. A count older than `memory` starts again at one.
  virtual Awaitable<LoginFailures> record_login_failure(std::string subject, common::WallTime now,
                                                        std::chrono::seconds memory) = 0;
  virtual Awaitable<LoginFailures> read_login_failures(std::string subject) = 0;
  virtual Awaitable<Done> clear_login_failures(std::string subject) = 0;

  /// Never waits.
  virtual Readiness readiness() const = 0;
  virtual Statistics statistics() const = 0;
};

}  // namespace booking::store

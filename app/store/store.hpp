#pragma once

#include "app/core/booking.hpp"
#include "app/core/idempotency.hpp"
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

struct Approval {
  core::BookingNumber number;
  core::Visit visit;
  Actor actor;
  common::WallTime now;
};

enum class ApproveRefusal { NotFound, IllegalState, SlotTaken };
using ApproveOutcome = std::variant<core::Booking, ApproveRefusal>;

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

  /// Moves a requested or quoted booking to approved and claims the technician's time, both or
  /// neither.
  virtual Awaitable<ApproveOutcome> approve(Approval command) = 0;

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

#pragma once

#include "app/core/amendment.hpp"
#include "app/core/calendar.hpp"
#include "app/core/idempotency.hpp"
#include "app/core/lifecycle.hpp"
#include "app/store/accounts.hpp"
#include "app/store/cursor.hpp"
#include "app/store/errc.hpp"
#include "app/store/office.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace booking::store {

/// 64 random bits; tests bring their own to make numbers collide.
using EntropySource = std::function<std::uint64_t()>;
std::uint64_t system_entropy();

/// Of the sentences that stood beside the boxes a guest could tick.
struct ConsentTexts {
  core::TextHash keep_photos{};
  core::TextHash marketing{};
};

struct CreateBooking {
  core::BookingRequest request;
  std::string idempotency_key;  // checked by core::is_idempotency_key
  core::Fingerprint fingerprint{};
  common::WallTime now;
  std::optional<TokenHash> draft{};  // whose photos come along
  ConsentTexts texts{};              // kept with each consent that was given
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
  bool anyway{false};     // a visit outside of the shop's calendar is meant
  bool tell_guest{true};  // by text message, when the shop's own move is one to tell
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
  OffCalendar,   // the shop does not work then, and it was not said that this is meant
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

inline constexpr std::size_t kMostPhotos = 5;  // of one booking

struct Photo {
  core::BookingId id{};
  std::int64_t octets{0};
  std::int64_t width{0};
  std::int64_t height{0};
  common::WallTime created;
};

/// What became of a booking, oldest first, the photos that came along, and what was agreed to.
struct Story {
  std::vector<core::Event> events;
  std::vector<Photo> photos;
  std::vector<core::Consent> consents{};  // not in a guest's look
};

struct LoginFailures {
  std::uint32_t count{0};  // in a row
  common::WallTime last;
};

/// A guest's look at a booking: who has failed too often is not let at it.
struct GuestLook {
  std::array<std::string, 2> subjects;  // whose failures count
  /// Whether one with these failures may look. Pure, and called by any thread.
  std::function<bool(const std::array<LoginFailures, 2>&)> may;
  std::optional<core::BookingNumber> number{};  // nothing: it finds nothing
  std::optional<core::Phone> phone{};           // the same
};

struct Found {
  core::Booking booking;
  Story story;
};

struct Looked {
  std::array<LoginFailures, 2> failures;
  bool let{false};
  std::optional<Found> found{};  // nothing when not let, as for another one's booking
};

struct PhotoContent {
  std::string octets;                          // a JPEG
  std::optional<core::BookingNumber> booking;  // none while it is a draft's
};

/// Photos that were stripped (media::strip_jpeg), for a booking that is there or for a draft.
struct PhotoUpload {
  struct New {
    std::string content;
    std::int64_t width{0};
    std::int64_t height{0};
  };
  std::optional<core::BookingNumber> number{};
  std::optional<core::Phone> phone{};  // of the booking's guest
  std::optional<TokenHash> draft{};
  std::vector<New> photos;
  common::WallTime now;
};
enum class PhotoRefusal { NotFound, TooMany };
/// All photos that are there now, in their order.
using PhotoOutcome = std::variant<std::vector<Photo>, PhotoRefusal>;

/// The numbers are stored.
enum class Channel : std::uint8_t { Slack = 1, Webhook = 2, Text = 3 };

/// Something to be told to somebody.
struct Message {
  core::BookingId id{};
  Channel channel{Channel::Webhook};
  core::Move move{core::Move::Request};
  core::Status status{core::Status::Requested};
  core::BookingNumber number;
  core::Service service{core::Service::Other};
  common::WallTime at;
  std::int64_t attempts{0};            // this one included
  std::optional<core::Visit> visit{};  // as it stands now
  std::optional<core::Phone> phone{};  // Text alone; nothing once the guest is anonymous
  bool urgent{false};
};

struct MessageClaim {
  std::string owner;  // up to 40 octets, of this process alone
  std::size_t limit{10};
  common::WallTime now;
  std::chrono::seconds lease{60};  // so long nobody else takes it
};

/// What became of a message.
struct MessageEnd {
  core::BookingId id{};
  std::string owner;
  common::WallTime now;
  std::optional<common::WallTime> again{};  // nothing: it is done with
  std::string failure{};                    // empty: it was taken
};

/// What is still to be told.
struct MessagesWaiting {
  std::int64_t count{0};
  std::optional<common::WallTime> oldest{};  // when it happened
};

/// How long what is kept.
struct RetentionRules {
  std::chrono::days done{5 * 365};
  std::chrono::days refused{365};  // rejected, cancelled
  std::chrono::days photos{90};    // after the end, without the guest's consent to more
  std::chrono::hours drafts{24};
  std::chrono::hours counters{24};
  std::chrono::days messages{30};

  bool operator==(const RetentionRules&) const = default;
};

struct RetentionReport {
  std::uint64_t bookings{0};  // anonymised
  std::uint64_t customers{0};
  std::uint64_t photos{0};
  std::uint64_t drafts{0};  // photos of requests that were never sent
  std::uint64_t keys{0};
  std::uint64_t sessions{0};
  std::uint64_t counters{0};
  std::uint64_t messages{0};
};

/// Rows that were sealed anew; none left when there were none.
struct Resealed {
  std::size_t customers{0};
  std::size_t bookings{0};
  std::size_t events{0};   // of bookings that were sealed before
  std::size_t factors{0};  // secrets of second factors
  std::size_t answers{0};  // kept with their keys

  std::size_t rows() const { return customers + bookings + events + factors + answers; }
};

/// Whether requests can be served, as of the last probe.
struct Readiness {
  bool reachable{false};
  bool schema_ok{false};
  bool writable{false};
  bool readable{false};  // from a replica, too, while nothing is writable
  /// The primary lives and does not answer here: another program does better with what comes.
  bool cut_off{false};
  std::vector<std::string> reasons;  // why not, in plain words

  bool ready() const { return reachable && schema_ok && writable; }
  /// Reads are answered, and nobody is known to do better: requests are welcome.
  bool serves_reads() const { return reachable && schema_ok && readable && !cut_off; }
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

  /// All a guest is told of a booking, at once: nothing both when there is no such number and when
  /// the phone is another one.
  virtual Awaitable<Looked> look_up(GuestLook look) = 0;

  virtual Awaitable<BookingPage> list_bookings(BookingQuery query) = 0;

  /// Does one row of core::rules() with all that belongs to it (claims, estimate, timeline, audit
  /// log) or nothing of it.
  virtual Awaitable<MoveOutcome> move(Transition command) = 0;

  virtual Awaitable<Story> story(core::BookingId booking) = 0;

  virtual Awaitable<core::Taken> claims(ClaimQuery query) = 0;

  /// Bookings of this name and phone, newest first, few.
  virtual Awaitable<std::vector<core::Booking>> find_by_name(std::string name,
                                                             core::Phone phone) = 0;

  virtual Awaitable<PhotoOutcome> add_photos(PhotoUpload upload) = 0;
  virtual Awaitable<std::vector<Photo>> photos_of_draft(TokenHash draft) = 0;
  virtual Awaitable<std::optional<PhotoContent>> photo_content(core::BookingId photo) = 0;

  /// Messages whose turn it is, for this owner alone until the lease is over.
  virtual Awaitable<std::vector<Message>> claim_messages(MessageClaim claim) = 0;
  virtual Awaitable<Done> end_message(MessageEnd end) = 0;
  virtual Awaitable<MessagesWaiting> messages_waiting() = 0;

  /// Anonymises and deletes what is over its time, up to some hundred rows of a kind; with
  /// `dry_run` only counts all of it.
  virtual Awaitable<RetentionReport> retain(RetentionRules rules, common::WallTime now,
                                            bool dry_run) = 0;
  virtual Awaitable<Resealed> reseal(std::size_t limit) = 0;

  /// Who may log in and who is; lives as long as the store.
  virtual Accounts& accounts() = 0;
  /// What those who work on bookings read and keep; lives as long as the store.
  virtual Office& office() = 0;

  /// `subject` names what is counted, such as `user:owner` or `address:192.0.2.1`; up to 120
  /// octets. Shared by all application nodes. A count older than `memory` starts again at one.
  virtual Awaitable<LoginFailures> record_login_failure(std::string subject, common::WallTime now,
                                                        std::chrono::seconds memory) = 0;
  virtual Awaitable<LoginFailures> read_login_failures(std::string subject) = 0;
  /// Of two subjects at once, in their order.
  virtual Awaitable<std::array<LoginFailures, 2>> read_login_failures(
      std::array<std::string, 2> subjects) = 0;
  virtual Awaitable<Done> clear_login_failures(std::string subject) = 0;

  /// Never waits.
  virtual Readiness readiness() const = 0;
  virtual Statistics statistics() const = 0;
};

}  // namespace booking::store

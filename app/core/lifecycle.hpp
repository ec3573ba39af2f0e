#pragma once

#include "app/core/booking.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace booking::core {

// What can be done to a booking, by whom, and what becomes of it: one table. The numbers are stored
// in the timeline; never reuse or change one.
enum class Move : std::uint8_t {
  Request = 1,     // the booking was made; no move of a booking that is there
  Quote = 2,       // the shop names a price
  Accept = 3,      // the guest takes it
  Decline = 4,     // the guest does not
  Approve = 5,     // the shop promises a visit, time claimed
  Schedule = 6,    // the visit stands: a new time, or the one approved
  Reschedule = 7,  // to another time or technician
  Complete = 8,
  Reject = 9,   // the shop does not take the job
  Cancel = 10,  // either side calls it off
  Change = 11   // the guest mends what was asked for; the status stays
};

enum class Party : std::uint8_t { Guest = 1, Staff = 2, System = 3 };

/// One row of the table.
struct Rule {
  Move move;
  Party by;
  Status from;
  Status to;
};
std::span<const Rule> rules();

/// What the booking's status becomes, or nothing when that cannot be done to it now.
std::optional<Status> after(Status from, Move move, Party by);

/// The words of the API and the timeline, and back.
std::string_view to_string(Move move);
std::string_view to_string(Party party);
std::optional<Move> move_of(std::int64_t number);
std::optional<Party> party_of(std::int64_t number);

/// One line of a booking's timeline.
struct Event {
  common::WallTime at;
  Move move{Move::Request};
  Party by{Party::Guest};
  std::string actor;   // the staff's name; empty for a guest
  std::string detail;  // a time, a sum or a reason, in plain words

  bool operator==(const Event&) const = default;
};

/// Until so long before a visit the guest may cancel or change without a call.
struct GuestPolicy {
  std::chrono::hours cutoff{24};

  bool operator==(const GuestPolicy&) const = default;
};

/// Whether the guest may still cancel or change: always without a visit, else until the cut-off.
bool before_cutoff(const Booking& booking, const GuestPolicy& policy, common::WallTime now);

/// What the guest can do to the booking now, for the buttons of a page.
std::vector<Move> guest_moves(const Booking& booking, const GuestPolicy& policy,
                              common::WallTime now);

}  // namespace booking::core

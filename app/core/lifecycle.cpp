#include "app/core/lifecycle.hpp"

#include <algorithm>

namespace booking::core {
namespace {

using enum Status;

constexpr std::array kRules{// A guest's own moves.
                            Rule{Move::Accept, Party::Guest, Quoted, Approved},
                            Rule{Move::Decline, Party::Guest, Quoted, Requested},
                            Rule{Move::Change, Party::Guest, Requested, Requested},
                            Rule{Move::Change, Party::Guest, Quoted, Quoted},
                            Rule{Move::Change, Party::Guest, Approved, Approved},
                            Rule{Move::Change, Party::Guest, Scheduled, Scheduled},
                            Rule{Move::Cancel, Party::Guest, Requested, Cancelled},
                            Rule{Move::Cancel, Party::Guest, Quoted, Cancelled},
                            Rule{Move::Cancel, Party::Guest, Approved, Cancelled},
                            Rule{Move::Cancel, Party::Guest, Scheduled, Cancelled},
                            // The shop's.
                            Rule{Move::Quote, Party::Staff, Requested, Quoted},
                            Rule{Move::Quote, Party::Staff, Quoted, Quoted},  // quoted anew
                            Rule{Move::Approve, Party::Staff, Requested, Approved},
                            Rule{Move::Approve, Party::Staff, Quoted, Approved},
                            Rule{Move::Schedule, Party::Staff, Approved, Scheduled},
                            Rule{Move::Reschedule, Party::Staff, Approved, Approved},
                            Rule{Move::Reschedule, Party::Staff, Scheduled, Scheduled},
                            Rule{Move::Complete, Party::Staff, Scheduled, Done},
                            Rule{Move::Reject, Party::Staff, Requested, Rejected},
                            Rule{Move::Reject, Party::Staff, Quoted, Rejected},
                            Rule{Move::Cancel, Party::Staff, Requested, Cancelled},
                            Rule{Move::Cancel, Party::Staff, Quoted, Cancelled},
                            Rule{Move::Cancel, Party::Staff, Approved, Cancelled},
                            Rule{Move::Cancel, Party::Staff, Scheduled, Cancelled}};

constexpr std::array<std::string_view, 11> kMoves{"request", "quote",    "accept",     "decline",
                                                  "approve", "schedule", "reschedule", "complete",
                                                  "reject",  "cancel",   "change"};
constexpr std::array<std::string_view, 3> kParties{"guest", "staff", "system"};

}  // namespace

std::span<const Rule> rules() { return kRules; }

std::optional<Status> after(Status from, Move move, Party by) {
  const auto found = std::ranges::find_if(kRules, [&](const Rule& rule) {
    return rule.from == from && rule.move == move && rule.by == by;
  });
  if (found == kRules.end()) return std::nullopt;
  return found->to;
}

std::string_view to_string(Move move) { return kMoves.at(static_cast<std::size_t>(move) - 1); }
std::string_view to_string(Party party) { return kParties.at(static_cast<std::size_t>(party) - 1); }

std::optional<Move> move_of(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(kMoves.size())) return std::nullopt;
  return static_cast<Move>(number);
}

std::optional<Party> party_of(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(kParties.size())) return std::nullopt;
  return static_cast<Party>(number);
}

bool before_cutoff(const Booking& booking, const GuestPolicy& policy, common::WallTime now) {
  return !booking.visit || now + policy.cutoff <= booking.visit->start;
}

std::vector<Move> guest_moves(const Booking& booking, const GuestPolicy& policy,
                              common::WallTime now) {
  std::vector<Move> moves;
  for (const auto& rule : kRules) {
    if (rule.by != Party::Guest || rule.from != booking.status) continue;
    const bool bound = rule.move == Move::Cancel || rule.move == Move::Change;
    if (bound && !before_cutoff(booking, policy, now)) continue;
    const bool of_estimate = rule.move == Move::Accept || rule.move == Move::Decline;
    if (of_estimate && (!booking.estimate || now > booking.estimate->valid_until)) continue;
    moves.push_back(rule.move);
  }
  return moves;
}

}  // namespace booking::core

#include "vrrpd/daemon/router_task.hpp"
#include "vrrpd/election/timers.hpp"
#include "vrrpd/packet/mac_address.hpp"

#include <algorithm>

// What other stations say: advertisements, and claims of our addresses.

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr common::Log kLog{"vrrp.router"};

/// Of broadcast questions whether somebody else has the addresses.
constexpr auto kLeastProbeDistance = std::chrono::seconds{1};

/// Advertisements that are worth a bell.
constexpr auto kOften = std::chrono::milliseconds{50};

}  // namespace

void RouterTask::on_advertisement(const Member& member, election::Heard heard,
                                  common::TimePoint arrived_at) {
  if (!started_) {
    challenged_ = challenged_ || heard.priority != kResigning;
    return;
  }
  const bool leads = &member == &leader();
  const auto& source = member.last_peer()->address;
  if (move_ && leads) move_->on_advertisement(source, heard.priority);
  const auto before = election_.state();
  const auto network = std::ranges::find(members_, &member, &std::unique_ptr<Member>::get);
  heard = networks_.on_advertisement(
      static_cast<std::size_t>(network - members_.begin()), heard,
      election::active_down_interval({1}, options().advertisement_interval), arrived_at);
  perform(election_.on_advertisement(heard, arrived_at), before, "a better router advertises");
  if (election_.state() == State::Active && heard.priority != kResigning &&
      !election_.awaits_successor() && is_rival(options().advertisement_interval, Clock::now()))
    kLog.error("both Active: another router advertises our addresses, too; it is to yield",
               {{"vrid", member.options().vrid.value},
                {"interface", member.options().interface},
                {"rival", source.to_string()},
                {"its_priority", heard.priority.value},
                {"our_priority", election_.priority().value}});
  if (move_ && leads && election_.state() == State::Backup && heard.priority != kResigning)
    move_->set_active_router(source);
}

/// Where protocol 112 does not pass, what is said between the daemons does.
void RouterTask::on_word(const common::IpAddress& from, Priority priority) {
  const auto before = election_.state();
  const bool by_word = election_.backup_by_word();
  const election::Heard heard{.priority = priority,
                              .max_advertise_interval = options().advertisement_interval,
                              .from_greater_address = from > self().address};
  perform(election_.on_word(heard, Clock::now()), before,
          "a better router says that it is Active, and its advertisements do not arrive");
  if (election_.state() == State::Active && priority != kResigning &&
      !election_.awaits_successor() && is_rival(handover::Transfer::kHello, Clock::now()))
    kLog.error(
        "both Active: another router says so, and its advertisements do not arrive; it is to yield",
        {{"vrid", options().vrid.value},
         {"interface", options().interface},
         {"rival", from.to_string()},
         {"its_priority", priority.value},
         {"our_priority", election_.priority().value}});
  if (!election_.backup_by_word()) return;
  move_->set_active_router(from);
  if (!by_word)
    kLog.error("a Backup by another router's word: is protocol 112 blocked?",
               {{"vrid", options().vrid.value},
                {"interface", options().interface},
                {"active_router", from.to_string()},
                {"its_priority", priority.value},
                {"our_priority", election_.priority().value}});
}

/// Not of several that move together: what their networks say is judged in its order. Not at slow
/// advertisements either: there is nothing to be gained, and much would lie in the socket.
bool RouterTask::only_waits() const {
  return started_ && election_.only_waits() && members_.size() == 1 && settled() &&
         election_.active_adver_interval() <= kOften;
}

/// Also what follows a takeover that we did not hear of: its announcement, when its advertisements
/// do not reach us.
void RouterTask::on_rival_claim(Member& member, const packet::NeighborClaim& claim) {
  if (election_.state() != State::Active || election_.awaits_successor()) return;
  ++member.counters().rival_claims;
  if (!claimed_by_) claimed_by_ = Claim{&member, claim};
  perform(election_.on_rival_claim(Clock::now()), State::Active, "rival");
}

/// True when two are Active from now on.
bool RouterTask::is_rival(common::Duration again, common::TimePoint now) {
  if (!both_active_.on_rival(options().advertisement_interval, again, now)) return false;
  if (move_) move_->contest(true);
  return true;
}

/// At the next deadline we are still Active: nobody took over in good order.
void RouterTask::confirm_rival(common::TimePoint now) {
  const bool active = election_.state() == State::Active;
  const auto claimed = std::exchange(claimed_by_, std::nullopt);
  if (claimed && active && is_rival(probe_distance(), now))
    kLog.error("both Active: another station answers for a virtual address",
               {{"vrid", claimed->member->options().vrid.value},
                {"interface", claimed->member->options().interface},
                {"address", claimed->claim.address.to_string()},
                {"mac", to_string(claimed->claim.mac)}});
  end_both_active(now);
}

void RouterTask::end_both_active(common::TimePoint now) {
  const bool active = election_.state() == State::Active;
  const auto since = both_active_.since();
  if (!both_active_.is_over(active, now)) return;
  if (move_) move_->contest(false);
  kLog.warn(
      "one Active Router again",
      {{"vrid", options().vrid.value},
       {"interface", options().interface},
       {"state", name(election_.state())},
       {"after_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - since).count()}});
}

common::Duration RouterTask::probe_distance() const {
  return std::max<common::Duration>(options().advertisement_interval, kLeastProbeDistance);
}

/// Asks, while Active, whether somebody else has the addresses, too: one that announced itself
/// before we listened, or whose advertisements are filtered away. At the same time the routes are
/// looked at: of theirs the kernel tells us nothing, since others may change thousands a second.
void RouterTask::arm_probe() {
  if (election_.state() != State::Active) {
    probe_timer_.cancel();
    return;
  }
  probe_timer_.expires_after(probe_distance());
  probe_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (election_.state() == State::Active)
      for (auto& member : members_) {
        member->runner().probe();
        member->guard_routes();
      }
    arm_probe();
  });
}

}  // namespace vrrp::daemon

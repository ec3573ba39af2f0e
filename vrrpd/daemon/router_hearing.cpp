#include "vrrpd/daemon/router_task.hpp"

#include <algorithm>
#include <fmt/format.h>

// What other stations say: advertisements, and claims of our addresses.

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr common::Log kLog{"vrrp.router"};

/// Of broadcast questions whether somebody else has the addresses.
constexpr auto kLeastProbeDistance = std::chrono::seconds{1};

std::string text_of(const MacAddress& mac) { return fmt::format("{:02x}", fmt::join(mac, ":")); }

}  // namespace

void RouterTask::on_advertisement(const packet::Advertisement& advertisement,
                                  const common::IpAddress& source, common::TimePoint arrived_at) {
  ++counters_.received;
  note(recorder::Kind::Heard, "{} priority {} interval {} cs", source.to_string(),
       advertisement.priority.value, advertisement.max_advertise_interval.count());
  if (collides(advertisement)) {
    note_collision(advertisement, source);
    if (!options_.obey_collisions) return;
  }
  note_mismatch(advertisement, source);
  last_peer_ = Peer{source, advertisement.priority, arrived_at};
  if (move_) move_->on_advertisement(source, advertisement.priority);
  const auto before = election_.state();
  const election::Heard heard{
      .priority = advertisement.priority,
      .max_advertise_interval = advertisement.max_advertise_interval,
      .from_greater_address = source > *segment_.primary(options_.family())};
  perform(election_.on_advertisement(heard, arrived_at), before, "a better router advertises");
  if (move_ && election_.state() == State::Backup && advertisement.priority != kResigning)
    move_->set_active_router(source);
}

/// Also what follows a takeover that we did not hear of: its announcement, when its advertisements
/// do not reach us.
void RouterTask::on_rival_claim(const packet::NeighborClaim& claim) {
  if (election_.state() != State::Active) return;
  ++counters_.rival_claims;
  if (rival_limit_.admits(Clock::now()))
    kLog.error("another station answers for a virtual address",
               {{"vrid", options_.vrid.value},
                {"interface", options_.interface},
                {"address", claim.address.to_string()},
                {"mac", text_of(claim.mac)},
                {"not_logged", rival_limit_.suppressed()}});
  perform(election_.on_rival_claim(Clock::now()), State::Active, "rival");
}

/// Asks, while Active, whether somebody else has the addresses, too: one that announced itself
/// before we listened, or whose advertisements are filtered away.
void RouterTask::arm_probe() {
  if (election_.state() != State::Active) {
    probe_timer_.cancel();
    return;
  }
  probe_timer_.expires_after(
      std::max<common::Duration>(options_.advertisement_interval, kLeastProbeDistance));
  probe_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (election_.state() == State::Active) runner_.probe();
    arm_probe();
  });
}

/// Not one address in common: whoever configured that meant another Virtual Router. RFC 9568 §7.1
/// would have us obey it, and our addresses would vanish for a neighbour's mistake.
bool RouterTask::collides(const packet::Advertisement& advertisement) const {
  return std::ranges::none_of(advertisement.addresses,
                              [this](const auto& address) { return has_address(address); });
}

void RouterTask::note_collision(const packet::Advertisement& advertisement,
                                const common::IpAddress& source) {
  ++counters_.vrid_collisions;
  if (!collision_limit_.admits(Clock::now())) return;
  kLog.error("VRID collision: another group on this LAN uses our number",
             {{"vrid", options_.vrid.value},
              {"interface", options_.interface},
              {"with", source.to_string()},
              {"its_first_address", advertisement.addresses.front().to_string()},
              {"obeyed", options_.obey_collisions},
              {"not_logged", collision_limit_.suppressed()}});
}

/// RFC 9568 §7.1: a mismatch is logged, not a reason to drop.
void RouterTask::note_mismatch(const packet::Advertisement& advertisement,
                               const common::IpAddress& source) {
  const bool same_interval =
      advertisement.max_advertise_interval == options_.advertisement_interval;
  const bool same_addresses =
      advertisement.addresses.size() == options_.addresses.size() &&
      std::ranges::all_of(advertisement.addresses,
                          [this](const auto& address) { return has_address(address); });
  if (!same_interval) ++counters_.interval_mismatches;
  if (!same_addresses) ++counters_.address_mismatches;
  if ((same_interval && same_addresses) || !mismatch_limit_.admits(Clock::now())) return;
  kLog.warn("a router of this VRID is configured differently",
            {{"vrid", options_.vrid.value},
             {"source", source.to_string()},
             {"interval", same_interval ? "same" : "different"},
             {"addresses", same_addresses ? "same" : "different"},
             {"not_logged", mismatch_limit_.suppressed()}});
}

}  // namespace vrrp::daemon

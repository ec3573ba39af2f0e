#include "vrrpd/daemon/member.hpp"

#include "vrrpd/daemon/router_task.hpp"
#include "vrrpd/link/diversion.hpp"
#include "vrrpd/link/macvlan.hpp"
#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::daemon {

using common::Clock;

namespace {

constexpr common::Log kLog{"vrrp.router"};

/// Of the lease, in advertisement intervals: not longer than a Backup waits at least, so that a
/// node which cannot speak is silent before its successor takes over.
constexpr int kLeaseIntervals = 3;

}  // namespace

Member::Member(RouterTask& task, Segment& segment, link::Netlink& netlink, RouterOptions options)
    : task_{task},
      segment_{segment},
      netlink_{netlink},
      options_{std::move(options)},
      authenticator_{options_.authentication},
      virtual_mac_{options_.virtual_mac
                       ? std::optional<VirtualMac>{std::in_place, segment_, netlink, options_.vrid,
                                                   options_.family()}
                       : std::nullopt},
      runner_{segment_, virtual_mac_ ? &*virtual_mac_ : nullptr, netlink, options_, authenticator_,
              counters_} {
  segment_.join(*this);
}

Member::~Member() { segment_.leave(*this); }

void Member::use(RouterOptions options) {
  if (options.priority != kOwner) hush(false);
  options_ = std::move(options);
  authenticator_.use(options_.authentication);
}

packet::Listener Member::listener() const {
  return {.vrid = options_.vrid,
          .family = options_.family(),
          .version = options_.version,
          .advertisement_interval = options_.advertisement_interval,
          .peers = options_.peers,
          .least_time_to_live = options_.least_time_to_live};
}

bool Member::has_address(const common::IpAddress& address) const {
  return std::ranges::any_of(options_.addresses,
                             [&](const common::PrefixedAddress& own) { return own.ip == address; });
}

bool Member::has_all_addresses() const {
  const auto& there =
      virtual_mac_ ? virtual_mac_->device().addresses : segment_.interface().addresses;
  return std::ranges::all_of(options_.addresses, [&](const common::PrefixedAddress& own) {
    return std::ranges::any_of(there, [&](const auto& one) { return one.ip == own.ip; });
  });
}

std::optional<handover::Place> Member::place() const {
  const auto& primary = segment_.primary(options_.family());
  if (!primary) return std::nullopt;
  return handover::Place{.vrid = options_.vrid,
                         .family = options_.family(),
                         .mac = segment_.interface().mac,
                         .address = *primary};
}

// What is heard

void Member::on_advertisement(const packet::Advertisement& advertisement,
                              const common::IpAddress& source, common::TimePoint arrived_at) {
  ++counters_.received;
  note_heard(advertisement, source, arrived_at);
  if (collides(advertisement)) {
    note_collision(advertisement, source);
    if (!options_.obey_collisions) return;
  }
  note_mismatch(advertisement, source);
  last_peer_ = Peer{source, advertisement.priority, arrived_at};
  task_.on_advertisement(*this,
                         {.priority = advertisement.priority,
                          .max_advertise_interval = advertisement.max_advertise_interval,
                          .from_greater_address = source > *segment_.primary(options_.family())},
                         arrived_at);
}

/// At rest it is the same a hundred times a second, and was said before it is read.
void Member::note_heard(const packet::Advertisement& advertisement, const common::IpAddress& source,
                        common::TimePoint arrived_at) {
  const auto when = common::wall_now() - std::chrono::duration_cast<common::WallTime::duration>(
                                             Clock::now() - arrived_at);
  const Noted heard{source, advertisement.priority, advertisement.max_advertise_interval};
  if (heard == noted_ && segment_.journal().recorder.again(noted_mark_, when)) return;
  noted_ = heard;
  noted_mark_ = note_at(when, recorder::Kind::Heard, "{} priority {} interval {} cs",
                        source.to_string(), heard.priority.value, heard.interval.count());
}

bool Member::only_waits() const { return task_.only_waits(); }

void Member::on_rival_claim(const packet::NeighborClaim& claim) {
  task_.on_rival_claim(*this, claim);
}

void Member::on_interface() {
  if (virtual_mac_)
    if (const auto seen = virtual_mac_->look(options_.addresses); !seen) {
      ++counters_.failures;
      if (mac_limit_.admits(Clock::now()))
        kLog.error("there is no device for the virtual MAC address",
                   {{"vrid", options_.vrid.value},
                    {"interface", options_.interface},
                    {"reason", seen.error().message()}});
    }
  task_.on_interface();
}

/// Not one address in common: whoever configured that meant another Virtual Router. RFC 9568 §7.1
/// would have us obey it, and our addresses would vanish for a neighbour's mistake.
bool Member::collides(const packet::Advertisement& advertisement) const {
  return std::ranges::none_of(advertisement.addresses,
                              [this](const auto& address) { return has_address(address); });
}

void Member::note_collision(const packet::Advertisement& advertisement,
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
void Member::note_mismatch(const packet::Advertisement& advertisement,
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

// The lease

bool Member::wants_lease() const {
  return options_.lease != LeaseMode::Off && options_.priority != kOwner;
}

void Member::prepare(bool alive) {
  apply_accept_mode();  // an earlier run may have left another one
  if (options_.priority == kOwner)
    link::run_nft(link::silence_removal(options_.interface, options_.vrid, options_.family()));
  if (!virtual_mac_) VirtualMac{segment_, netlink_, options_.vrid, options_.family()}.remove();
  set_lease(alive);
}

bool Member::prepared() const { return tried(options_); }

void Member::replace_lease(bool alive) {
  set_lease(alive);
  segment_.flush_leases();
}

void Member::try_lease(const RouterOptions& wanted, bool alive) {
  if (wanted.lease == LeaseMode::Required && !leased()) put_lease(alive);
}

bool Member::tried(const RouterOptions& wanted) const {
  return wanted.lease != LeaseMode::Required || segment_.interface().index == 0 || leased();
}

void Member::take_back_lease() {
  if (!wants_lease()) leases().remove(options_.vrid);
}

void Member::set_lease(bool alive) {
  if (!wants_lease()) return leases().remove(options_.vrid);
  put_lease(alive);
}

void Member::put_lease(bool alive) {
  link::LeaseOptions lease{.vrid = options_.vrid, .addresses = {}, .duration = {}, .alive = alive};
  for (const auto& address : options_.addresses) lease.addresses.push_back(address.ip);
  lease.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      kLeaseIntervals * options_.advertisement_interval);
  leases().set(std::move(lease));
}

void Member::apply_accept_mode() {
  const auto filter = accept_filter();
  if (options_.accept) return link::remove_accept_filter(filter);
  if (const auto refused = link::run_nft(link::accept_filter_ruleset(filter)))
    kLog.error(
        "accept_mode: false is not had: the node takes what is sent to the addresses",
        {{"vrid", options_.vrid.value}, {"interface", options_.interface}, {"reason", *refused}});
}

link::AcceptFilter Member::accept_filter() const {
  link::AcceptFilter filter{
      .interface = options_.interface, .vrid = options_.vrid, .addresses = {}};
  for (const auto& address : options_.addresses) filter.addresses.push_back(address.ip);
  return filter;
}

void Member::restore_rules(const link::GoneTables& gone, bool speaks) {
  if (wants_lease() && gone.has(leases().table())) {
    set_lease(speaks);
    note_rules_restored(leases().table());
  }
  const auto filter = link::accept_filter_table(options_.interface, options_.vrid);
  if (!options_.accept && gone.has(filter)) {
    apply_accept_mode();
    note_rules_restored(filter);
  }
  const auto silence = link::silence_table(options_.interface, options_.vrid);
  if (hushed_ && gone.has(silence)) {
    hushed_ = false;
    hush(true);
    note_rules_restored(silence);
  }
  if (virtual_mac_ && virtual_mac_->restore(gone, options_.addresses))
    note_rules_restored(link::virtual_mac_table(options_.interface, options_.vrid));
}

/// RFC 9568 §6.4.2: a Backup answers nobody for the addresses. Without a primary address of its own
/// the interface is not used, and says nothing.
void Member::hush(bool on) {
  if (options_.priority != kOwner || on == hushed_) return;
  const auto own = place();
  if (on && !own) return;
  hushed_ = on;
  link::SilenceOptions silence{.interface = options_.interface,
                               .vrid = options_.vrid,
                               .addresses = {},
                               .own = own ? own->address : common::IpAddress{},
                               .device = virtual_device()};
  for (const auto& address : options_.addresses) silence.addresses.push_back(address.ip);
  const auto refused = link::run_nft(
      on ? link::silence_ruleset(silence)
         : link::silence_removal(options_.interface, options_.vrid, options_.family()));
  if (refused)
    kLog.error(
        on ? "an address owner that is not Active answers for its addresses"
           : "an address owner is silent for its addresses",
        {{"vrid", options_.vrid.value}, {"interface", options_.interface}, {"reason", *refused}});
}

void Member::note_rules_restored(std::string_view table) {
  ++counters_.rules_restored;
  note(recorder::Kind::Addresses, "rules {} put back", table);
  if (rules_limit_.admits(Clock::now()))
    kLog.warn("somebody removed rules of nftables, they are put back",
              {{"vrid", options_.vrid.value},
               {"interface", options_.interface},
               {"table", table},
               {"not_logged", rules_limit_.suppressed()}});
}

void Member::leave_kernel() {
  leases().remove(options_.vrid);
  if (!options_.accept) link::remove_accept_filter(accept_filter());
  if (virtual_mac_) virtual_mac_->remove();
  hush(false);
}

// The addresses

bool Member::guard_addresses() {
  const auto restored = runner_.restore();
  if (!restored) return false;
  if (*restored == 0) return true;
  counters_.addresses_restored += static_cast<std::uint64_t>(*restored);
  note(recorder::Kind::Addresses, "{} put back", *restored);
  run(election::Announce{});
  if (guard_limit_.admits(Clock::now()))
    kLog.warn("somebody removed a virtual address, it was put back",
              {{"vrid", options_.vrid.value},
               {"interface", options_.interface},
               {"not_logged", guard_limit_.suppressed()}});
  return true;
}

void Member::guard_routes() {
  const auto restored = runner_.restore_routes();
  if (restored == 0) return;
  counters_.routes_restored += static_cast<std::uint64_t>(restored);
  note(recorder::Kind::Addresses, "{} routes put back", restored);
  if (guard_limit_.admits(Clock::now()))
    kLog.warn("a route was gone, it was put back", {{"vrid", options_.vrid.value},
                                                    {"interface", options_.interface},
                                                    {"not_logged", guard_limit_.suppressed()}});
}

void Member::count_transition(election::State to) {
  ++counters_.transitions[static_cast<std::size_t>(to)];
  counters_.last_transition = common::wall_now();
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/action_runner.hpp"

#include "vrrpd/link/addresses.hpp"
#include "vrrpd/packet/advertisement.hpp"
#include "vrrpd/packet/advertisement_frame.hpp"
#include "vrrpd/packet/gratuitous_arp.hpp"
#include "vrrpd/packet/neighbor_advertisement.hpp"
#include "vrrpd/packet/neighbor_claim.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.actions"};

}  // namespace

bool ActionRunner::perform(const election::SendAdvertisement& action) {
  const auto& source = segment_.primary(options_.family());
  if (!source) return true;  // nothing to send from; the interface is reported elsewhere
  packet::Advertisement advertisement{.version = options_.version,
                                      .vrid = options_.vrid,
                                      .priority = action.priority,
                                      .max_advertise_interval = options_.advertisement_interval,
                                      .addresses = {}};
  for (const auto& address : options_.addresses) advertisement.addresses.push_back(address.ip);
  if (options_.peers.empty())
    send(advertisement, *source, packet::multicast_group(options_.family()));
  for (const auto& peer : options_.peers) send(advertisement, *source, peer);
  if (action.priority == noted_ &&
      segment_.journal().recorder.again(noted_mark_, common::wall_now()))
    return true;
  noted_ = action.priority;
  noted_mark_ = note(recorder::Kind::Sent, "priority {}", action.priority.value);
  return true;
}

void ActionRunner::send(const packet::Advertisement& advertisement, const common::IpAddress& source,
                        const common::IpAddress& destination) {
  auto message = packet::encode(advertisement, options_.checksum, source, destination);
  authenticator_.sign(message, source, destination, common::wall_now());
  if (const auto sent = send_out(message, source, destination); !sent)
    failed("advertisement not sent", sent.error());
  else
    ++counters_.sent;
}

/// To the group from the virtual MAC address, so that switches learn where it is (RFC 9568 §7.3).
/// To a peer behind a router, whose own MAC address only the kernel knows, from the interface's.
common::Result<void> ActionRunner::send_out(common::Octets message, const common::IpAddress& source,
                                            const common::IpAddress& destination) {
  if (virtual_mac_ == nullptr || !options_.peers.empty())
    return segment_.send_advertisement(message, destination);
  return segment_.send_frame(packet::advertisement_frame(message, source, virtual_mac_->mac()));
}

common::Result<link::Change> ActionRunner::add(const common::PrefixedAddress& address) {
  if (virtual_mac_ == nullptr) return link::add_address(netlink_, segment_.interface(), address);
  return link::add_address(netlink_, virtual_mac_->with_networks_below(), address);
}

/// What an address owner (RFC 9568 §1.7) found on its interface is the interface's own: the host
/// may be reached by it alone, and has it without us.
bool ActionRunner::is_own(const common::PrefixedAddress& address) const {
  return options_.priority == kOwner && std::ranges::find(found_, address) != found_.end();
}

bool ActionRunner::perform(const election::TakeAddresses&) {
  if (virtual_mac_ != nullptr)
    if (const auto raised = virtual_mac_->raise(); !raised) {
      ++counters_.addresses_refused;
      failed("the virtual MAC address cannot be used", raised.error());
      return false;
    }
  const bool first = !std::exchange(taken_, true);
  for (const auto& address : options_.addresses) {
    const auto added = add(address);
    if (!added) {
      ++counters_.addresses_refused;
      note(recorder::Kind::Addresses, "{} refused: {}", address.to_string(),
           added.error().message());
      failed("address not taken", added.error());
      return false;
    }
    if (*added == link::Change::AlreadySo && first) found_.push_back(address);
  }
  take_routes();
  return true;
}

/// After the addresses, which may be their sources. Without a route the addresses are served still:
/// it is no reason to leave them.
void ActionRunner::take_routes() {
  for (const auto& route : options_.routes)
    if (const auto taken = link::claim_route(netlink_, segment_.interface(), route); !taken) {
      ++counters_.routes_refused;
      note(recorder::Kind::Addresses, "route {} refused: {}", route.to_string(),
           taken.error().message());
      failed("route not taken", taken.error());
    }
}

bool ActionRunner::perform(const election::Announce&) {
  note(recorder::Kind::Announced, "{} addresses", options_.addresses.size());
  for (const auto& address : options_.addresses) {
    if (address.ip.is_v6()) {
      announce(packet::neighbor_advertisement(address.ip, mac()));
      continue;
    }
    for (const auto form : {packet::ArpForm::Request, packet::ArpForm::Reply})
      announce(packet::gratuitous_arp(address.ip, mac(), form));
  }
  return true;
}

void ActionRunner::probe() {
  for (const auto& address : options_.addresses)
    if (const auto sent =
            segment_.send_frame(packet::ownership_probe(address.ip, segment_.interface().mac));
        !sent)
      failed("probe not sent", sent.error());
}

void ActionRunner::announce(common::Octets frame) {
  if (const auto sent = segment_.send_frame(frame); !sent)
    failed("announcement not sent", sent.error());
  else
    ++counters_.announcements;
}

bool ActionRunner::perform(const election::ReleaseAddresses&) {
  if (home().index == 0) return true;  // they went with the interface
  for (const auto& route : options_.routes) release(route);
  for (const auto& address : options_.addresses) release(address);
  if (virtual_mac_ != nullptr) virtual_mac_->lower();
  return true;
}

void ActionRunner::release(const common::PrefixedAddress& address) {
  if (is_own(address)) return;
  if (const auto gone = link::remove_address(netlink_, home(), address); !gone)
    failed("address not released", gone.error());
}

void ActionRunner::release(const link::Route& route) {
  if (const auto gone = link::remove_route(netlink_, segment_.interface(), route); !gone)
    failed("route not released", gone.error());
}

void ActionRunner::release_others(const RouterOptions& before) {
  if (home().index == 0) return;
  for (const auto& route : before.routes)
    if (std::ranges::find(options_.routes, route) == options_.routes.end()) release(route);
  for (const auto& address : before.addresses)
    if (std::ranges::find(options_.addresses, address) == options_.addresses.end())
      release(address);
}

void ActionRunner::remove_stale() {
  for (const auto& route : options_.routes) release(route);
  remove_stale(segment_.interface());
  if (virtual_mac_ == nullptr) return;
  remove_stale(virtual_mac_->device());
  virtual_mac_->lower();
}

void ActionRunner::remove_stale(const link::Interface& interface) {
  if (interface.index == 0) return;
  for (const auto& address : options_.addresses) {
    const auto gone = link::remove_address(netlink_, interface, address);
    if (!gone)
      failed("stale address not removed", gone.error());
    else if (*gone == link::Change::Made)
      kLog.warn("removed an address that an earlier run left behind",
                {{"vrid", options_.vrid.value}, {"address", address.to_string()}});
  }
}

std::optional<int> ActionRunner::restore() {
  int restored = 0;
  if (virtual_mac_ != nullptr && !virtual_mac_->device().running) virtual_mac_->raise();
  for (const auto& address : options_.addresses) {
    const auto added = add(address);
    if (!added) {
      ++counters_.addresses_refused;
      failed("address not put back", added.error());
      return std::nullopt;
    }
    if (*added == link::Change::Made) ++restored;
  }
  return restored;
}

int ActionRunner::restore_routes() {
  int restored = 0;
  for (const auto& route : options_.routes) {
    const auto added = link::add_route(netlink_, segment_.interface(), route);
    if (!added) {
      ++counters_.routes_refused;
      failed("route not put back", added.error());
    } else if (*added == link::Change::Made) {
      ++restored;
    }
  }
  return restored;
}

void ActionRunner::failed(const char* what, const boost::system::error_code& error) {
  ++counters_.failures;
  if (!failure_limit_.admits(common::Clock::now())) return;
  kLog.error(what, {{"vrid", options_.vrid.value},
                    {"interface", options_.interface},
                    {"reason", error.message()},
                    {"not_logged", failure_limit_.suppressed()}});
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/action_runner.hpp"

#include "vrrpd/link/addresses.hpp"
#include "vrrpd/packet/advertisement.hpp"
#include "vrrpd/packet/gratuitous_arp.hpp"

#include <algorithm>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.actions"};

}  // namespace

bool ActionRunner::run(const election::Actions& actions) {
  return std::ranges::all_of(actions, [this](const auto& action) {
    return std::visit([this](const auto& each) { return perform(each); }, action);
  });
}

bool ActionRunner::perform(const election::SendAdvertisement& action) {
  if (!segment_.primary())
    return true;  // nothing to send from; the interface is reported elsewhere
  packet::Advertisement advertisement{.vrid = options_.vrid,
                                      .priority = action.priority,
                                      .max_advertise_interval = options_.advertisement_interval,
                                      .addresses = {}};
  for (const auto& address : options_.addresses) advertisement.addresses.push_back(address.ip);
  const auto message = packet::encode(advertisement, options_.checksum, *segment_.primary());
  if (const auto sent = segment_.send_advertisement(message); !sent)
    failed("advertisement not sent", sent.error());
  else
    ++counters_.sent;
  return true;
}

bool ActionRunner::perform(const election::TakeAddresses&) {
  for (const auto& address : options_.addresses)
    if (const auto added = link::add_address(netlink_, segment_.interface(), address); !added) {
      ++counters_.addresses_refused;
      failed("address not taken", added.error());
      return false;
    }
  return true;
}

bool ActionRunner::perform(const election::Announce&) {
  for (const auto& address : options_.addresses)
    for (const auto form : {packet::ArpForm::Request, packet::ArpForm::Reply}) {
      const auto frame = packet::gratuitous_arp(address.ip, segment_.interface().mac, form);
      if (const auto sent = segment_.send_frame(frame); !sent)
        failed("gratuitous ARP not sent", sent.error());
      else
        ++counters_.gratuitous_arps;
    }
  return true;
}

bool ActionRunner::perform(const election::ReleaseAddresses&) {
  if (segment_.interface().index == 0) return true;  // they went with the interface
  for (const auto& address : options_.addresses)
    if (const auto gone = link::remove_address(netlink_, segment_.interface(), address.ip); !gone)
      failed("address not released", gone.error());
  return true;
}

void ActionRunner::remove_stale() {
  for (const auto& address : options_.addresses) {
    const auto gone = link::remove_address(netlink_, segment_.interface(), address.ip);
    if (!gone)
      failed("stale address not removed", gone.error());
    else if (*gone == link::Change::Made)
      kLog.warn("removed an address that an earlier run left behind",
                {{"vrid", options_.vrid.value}, {"address", address.to_string()}});
  }
}

std::optional<int> ActionRunner::restore() {
  int restored = 0;
  for (const auto& address : options_.addresses) {
    const auto added = link::add_address(netlink_, segment_.interface(), address);
    if (!added) {
      ++counters_.addresses_refused;
      failed("address not put back", added.error());
      return std::nullopt;
    }
    if (*added == link::Change::Made) ++restored;
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

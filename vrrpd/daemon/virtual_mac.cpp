#include "vrrpd/daemon/virtual_mac.hpp"

#include "common/log.hpp"
#include "vrrpd/daemon/segment.hpp"
#include "vrrpd/link/macvlan.hpp"
#include "vrrpd/link/nft.hpp"

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.mac"};

bool is_link_local(const common::IpAddress& address) {
  return common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(address);
}

}  // namespace

std::string VirtualMac::name() const {
  const auto below = segment_.interface().index;
  return below == 0 ? std::string{} : link::macvlan_name(vrid_, family_, below);
}

common::Result<void> VirtualMac::find() {
  auto seen = link::read_interface(netlink_, name());
  if (!seen) return seen.error();
  device_ = std::move(*seen);
  return {};
}

common::Result<void> VirtualMac::look(const std::vector<common::PrefixedAddress>& addresses) {
  const auto below = segment_.interface().index;
  if (below == 0) {
    device_ = {};  // it went with its interface
    return {};
  }
  if (const auto found = find(); !found) return found;
  if (device_.index != 0 && device_.mac != mac_) {  // not of our making
    if (const auto gone = link::delete_link(netlink_, device_.index); !gone) return gone;
    device_ = {};
  }
  if (device_.index == 0) {
    if (const auto made = link::create_macvlan(netlink_, name(), below, mac_); !made) return made;
    if (const auto found = find(); !found) return found;
  }
  install_rules(addresses);
  return {};
}

void VirtualMac::install_rules(const std::vector<common::PrefixedAddress>& addresses) {
  const auto& own = segment_.primary(family_);
  if (family_ == Family::V6 || !own) return;
  link::VirtualMacRules rules{
      .interface = segment_.name(), .vrid = vrid_, .addresses = {}, .own = *own};
  for (const auto& address : addresses) rules.addresses.push_back(address.ip);
  auto wanted = link::virtual_mac_ruleset(rules);
  if (wanted == rules_) return;
  if (const auto refused = link::run_nft(wanted))
    return kLog.error(
        "the interface answers for virtual addresses with its own MAC address, too",
        {{"vrid", vrid_.value}, {"interface", segment_.name()}, {"reason", *refused}});
  rules_ = std::move(wanted);
}

bool VirtualMac::restore(const link::GoneTables& gone,
                         const std::vector<common::PrefixedAddress>& addresses) {
  if (rules_.empty() || !gone.has(link::virtual_mac_table(segment_.name(), vrid_))) return false;
  rules_.clear();
  install_rules(addresses);
  return true;
}

common::Result<void> VirtualMac::raise() {
  if (device_.index == 0)
    return {boost::system::errc::make_error_code(boost::system::errc::no_such_device)};
  return link::set_link_up(netlink_, device_.index, true);
}

void VirtualMac::lower() {
  if (device_.index == 0) return;
  if (const auto lowered = link::set_link_up(netlink_, device_.index, false); !lowered)
    kLog.error("the device of the virtual MAC address stays up",
               {{"device", name()}, {"reason", lowered.error().message()}});
}

void VirtualMac::remove() {
  if (segment_.interface().index == 0 || !find() || device_.index == 0) return;
  if (const auto gone = link::delete_link(netlink_, device_.index); !gone)
    kLog.error("the device of the virtual MAC address is left behind",
               {{"device", name()}, {"reason", gone.error().message()}});
  device_ = {};
  rules_.clear();
  if (family_ == Family::V4) link::remove_virtual_mac_rules(segment_.name(), vrid_);
}

/// Of a link-local network every device has its own.
link::Interface VirtualMac::with_networks_below() const {
  auto all = device_;
  for (const auto& address : segment_.interface().addresses)
    if (!is_link_local(address.ip)) all.addresses.push_back(address);
  return all;
}

}  // namespace vrrp::daemon

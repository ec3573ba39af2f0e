#pragma once

#include "common/address.hpp"
#include "common/result.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/netlink.hpp"
#include "vrrpd/link/rules_monitor.hpp"
#include "vrrpd/packet/mac_address.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vrrp::daemon {

class Segment;

/// The device of one Virtual Router that has the virtual MAC address (RFC 9568 §7.3): a macvlan on
/// its interface. The addresses stand there, so that what is sent to that MAC address arrives and
/// ARP is answered with it. It is up only while they do: a Backup neither takes nor says anything
/// under that address. What is sent in its name goes out through the interface itself.
class VirtualMac {
 public:
  /// Both outlive it.
  VirtualMac(Segment& segment, link::Netlink& netlink, Vrid vrid, Family family)
      : segment_{segment},
        netlink_{netlink},
        vrid_{vrid},
        family_{family},
        mac_{virtual_mac(vrid, family)} {}

  /// Looks at the device as it is now, and makes it when there is none, or finds what an earlier
  /// run left. `addresses`: the virtual ones. An error when the kernel refuses: then there is none.
  common::Result<void> look(const std::vector<common::PrefixedAddress>& addresses);
  /// Puts its rules back when somebody has deleted them; whether they were.
  bool restore(const link::GoneTables& gone, const std::vector<common::PrefixedAddress>& addresses);
  common::Result<void> raise();
  void lower();
  /// Takes it out of the kernel, and what an earlier run left, whatever it was told.
  void remove();

  const MacAddress& mac() const { return mac_; }
  /// Index 0 while there is none.
  const link::Interface& device() const { return device_; }
  /// As nftables knows it; empty while there is none.
  std::string name() const;
  /// For the routes of addresses on it: it, and the networks of the interface below, whose routes
  /// lead there.
  link::Interface with_networks_below() const;

 private:
  common::Result<void> find();
  void install_rules(const std::vector<common::PrefixedAddress>& addresses);

  Segment& segment_;
  link::Netlink& netlink_;
  Vrid vrid_;
  Family family_;
  MacAddress mac_;
  link::Interface device_;
  std::string rules_;  // those in force
};

}  // namespace vrrp::daemon

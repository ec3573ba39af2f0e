#include "vrrpd/hostcheck/rules_parts.hpp"
#include "vrrpd/link/macvlan.hpp"

#include <algorithm>

namespace vrrp::hostcheck {
namespace {

constexpr int kStrict = 1;          // rp_filter
constexpr int kAnswersNothing = 8;  // arp_ignore

std::string names_of(const std::vector<SeenInterface>& interfaces) {
  std::string names;
  for (const auto& one : interfaces)
    if (one.name != "lo") names += (names.empty() ? "" : ", ") + one.name;
  return names.empty() ? "none" : names;
}

/// That of a vrrpd which runs has the addresses, as it should.
bool is_own_device(const Subject& subject, const SeenInterface& other) {
  const auto& router = subject.router;
  return router.virtual_mac && other.name == link::macvlan_name(router.vrid, router.family(),
                                                                subject.interface->link.index);
}

void judge_absence(const Subject& subject) {
  subject.find(Severity::Warning, "no_interface",
               "there is no interface " + subject.router.interface,
               "this host has: " + names_of(subject.observed.interfaces) +
                   "; vrrpd waits for an interface that comes later");
}

bool is_primary(const common::IpAddress& ip, const daemon::RouterOptions& router) {
  if (packet::family_of(ip) != router.family()) return false;
  const bool is_virtual = std::ranges::find(router.addresses, ip, &common::PrefixedAddress::ip) !=
                          router.addresses.end();
  const bool link_local =
      common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(ip);
  return (!is_virtual || router.priority == kOwner) && (ip.is_v4() || link_local);
}

void judge_interface(const Subject& subject) {
  const auto& seen = subject.interface->link;
  const auto& router = subject.router;
  if (!seen.running)
    subject.find(Severity::Warning, "interface_down",
                 router.interface + " is down or has no carrier",
                 "ip link set " + router.interface + " up; its cable");
  if (seen.mac == MacAddress{})
    subject.find(Severity::Error, "not_ethernet",
                 router.interface + " is no Ethernet: nobody can be told where the addresses are",
                 "an interface with a MAC address");
  const bool has_primary = std::ranges::any_of(
      seen.addresses, [&](const auto& own) { return is_primary(own.ip, router); });
  if (!has_primary)
    subject.find(Severity::Warning, "no_primary_address",
                 router.interface + " has no address of its own to send advertisements from",
                 router.family() == Family::V6 ? "a link-local address" : "an IPv4 address");
}

/// The address belongs to a network that another interface is in, and this one is not.
void judge_networks(const Subject& subject) {
  for (const auto& address : subject.router.addresses) {
    const auto text = address.ip.to_string();
    if (has_network_of(*subject.interface, address, subject.router)) continue;
    const auto other = std::ranges::find_if(subject.observed.interfaces, [&](const auto& one) {
      return one.name != subject.router.interface && !is_own_device(subject, one) &&
             has_network_of(one, address, subject.router);
    });
    if (other != subject.observed.interfaces.end())
      subject.find(
          Severity::Warning, "wrong_interface",
          text + " is of the network of " + other->name + ", not of " + subject.router.interface,
          "interface: " + other->name);
    else if (!subject.interface->link.addresses.empty())
      subject.find(Severity::Warning, "foreign_network",
                   text + " is of no network that " + subject.router.interface + " is in",
                   "an address of its network, or a route to it at the neighbours");
  }
}

void judge_elsewhere(const Subject& subject) {
  for (const auto& address : subject.router.addresses)
    for (const auto& other : subject.observed.interfaces) {
      if (other.name == subject.router.interface || is_own_device(subject, other)) continue;
      if (std::ranges::find(other.link.addresses, address.ip, &common::PrefixedAddress::ip) ==
          other.link.addresses.end())
        continue;
      subject.find(Severity::Error, "address_on_other_interface",
                   address.ip.to_string() + " stands on " + other.name + " of this host already",
                   "ip addr del " + address.ip.to_string() + " dev " + other.name);
    }
}

/// With two interfaces in one network the kernel answers ARP on both, and strict reverse path
/// filtering drops what comes in at the one that is not the way back.
void judge_twins(const Subject& subject) {
  const auto& kernel = subject.interface->kernel;
  for (const auto& address : subject.router.addresses)
    for (const auto& other : subject.observed.interfaces) {
      if (other.name == subject.router.interface || is_own_device(subject, other) ||
          !has_network_of(other, address, subject.router) ||
          !has_network_of(*subject.interface, address, subject.router))
        continue;
      const auto both = subject.router.interface + " and " + other.name + " are in one network";
      if (kernel.rp_filter == kStrict || other.kernel.rp_filter == kStrict)
        subject.find(Severity::Warning, "rp_filter",
                     both + ", and rp_filter is strict: packets for the address may be dropped",
                     "sysctl -w net.ipv4.conf." + subject.router.interface + ".rp_filter=2");
      if (other.kernel.arp_ignore.value_or(0) == 0 && address.ip.is_v4())
        subject.find(Severity::Warning, "arp_flux",
                     both + ": " + other.name + " answers ARP for the address, too",
                     "sysctl -w net.ipv4.conf." + other.name + ".arp_ignore=1");
    }
}

/// What comes in at the macvlan goes out through the interface below. Its own rp_filter is 0, as
/// the loopback interface's is: what that has is the setting of all.
void judge_virtual_mac(const Subject& subject) {
  const auto& all = subject.observed.interfaces;
  const auto loopback = std::ranges::find(all, "lo", &SeenInterface::name);
  if (subject.router.virtual_mac && subject.router.family() == Family::V4 &&
      loopback != all.end() && loopback->kernel.rp_filter == kStrict)
    subject.find(
        Severity::Error, "rp_filter",
        "rp_filter of all interfaces is strict: nothing for a virtual MAC address comes in",
        "sysctl -w net.ipv4.conf.all.rp_filter=2");
}

void judge_settings(const Subject& subject) {
  const auto& kernel = subject.interface->kernel;
  const bool v6 = subject.router.family() == Family::V6;
  if (!v6 && kernel.arp_ignore == kAnswersNothing)
    subject.find(Severity::Error, "arp_ignore",
                 "arp_ignore is 8: nobody who asks for the addresses is answered",
                 "sysctl -w net.ipv4.conf." + subject.router.interface +
                     ".arp_ignore=1, and of net.ipv4.conf.all");
  if (v6 && kernel.disable_ipv6 == 1)
    subject.find(Severity::Error, "ipv6_disabled", "IPv6 is off on " + subject.router.interface,
                 "sysctl -w net.ipv6.conf." + subject.router.interface + ".disable_ipv6=0");
}

/// A peer that is asked by unicast and cannot be on this LAN.
void judge_peers(const Subject& subject) {
  for (const auto& peer : subject.router.peers) {
    const bool here = std::ranges::any_of(subject.interface->link.addresses,
                                          [&](const auto& own) { return own.ip == peer; });
    if (here)
      subject.find(Severity::Error, "peer_is_self",
                   "the peer " + peer.to_string() + " is this host itself",
                   "unicast.peers: the addresses of the other nodes");
    else if (subject.router.least_time_to_live == 255 &&
             !has_network_of(*subject.interface, {peer, 32}, subject.router))
      subject.find(Severity::Warning, "far_peer",
                   "the peer " + peer.to_string() +
                       " is behind a router: its advertisements arrive with a TTL below 255",
                   "unicast.least_ttl: 255 less the routers between");
  }
}

/// An nftables egress hook, which the lease lives in, came with Linux 5.16.
void judge_kernel(const Subject& subject) {
  const auto& seen = subject.observed;
  const bool old = seen.kernel_major != 0 &&
                   (seen.kernel_major < 5 || (seen.kernel_major == 5 && seen.kernel_minor < 16));
  if (!old || subject.router.lease == daemon::LeaseMode::Off) return;
  const bool required = subject.router.lease == daemon::LeaseMode::Required;
  subject.find(required ? Severity::Error : Severity::Warning, "no_lease",
               "Linux before 5.16 cannot silence a node whose vrrpd has died",
               "a newer kernel, or lease: off");
}

}  // namespace

void judge_host(const Subject& subject) {
  judge_kernel(subject);
  if (subject.interface == nullptr) return judge_absence(subject);
  judge_interface(subject);
  judge_networks(subject);
  judge_elsewhere(subject);
  judge_twins(subject);
  judge_virtual_mac(subject);
  judge_settings(subject);
  judge_peers(subject);
}

}  // namespace vrrp::hostcheck

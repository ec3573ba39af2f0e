#include "vrrpd/hostcheck/rules_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace vrrp::hostcheck {
namespace {

/// What the election believes of a foreign interval: a quarter to four times its own.
constexpr int kBelievedFactor = 4;

bool is_ours(const common::IpAddress& ip, const daemon::RouterOptions& router) {
  return std::ranges::find(router.addresses, ip, &common::PrefixedAddress::ip) !=
         router.addresses.end();
}

std::string text_of(const MacAddress& mac) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return text.data();
}

/// The VRID in a virtual MAC address (RFC 9568 §7.3).
std::optional<int> vrid_of(const MacAddress& mac) {
  const bool is_virtual =
      mac[0] == 0 && mac[1] == 0 && mac[2] == 0x5E && mac[3] == 0 && (mac[4] == 1 || mac[4] == 2);
  return is_virtual ? std::optional<int>{mac[5]} : std::nullopt;
}

bool is_of(const HeardAdvertisement& heard, const daemon::RouterOptions& router) {
  return heard.interface == router.interface && heard.advertisement.vrid == router.vrid &&
         packet::family_of(heard.source) == router.family();
}

/// Somebody advertises our VRID: a peer, or another group that has the number by chance.
void judge_peer(const Subject& subject, const HeardAdvertisement& heard) {
  const auto& router = subject.router;
  const auto& said = heard.advertisement;
  const auto who = heard.source.to_string();
  const auto ours = std::ranges::count_if(
      said.addresses, [&](const auto& address) { return is_ours(address, router); });
  if (ours == 0)
    return subject.find(Severity::Error, "vrid_clash",
                        "VRID " + std::to_string(router.vrid.value) + " is in use: " + who +
                            " advertises it with " + said.addresses.front().to_string(),
                        "another vrid on all nodes of one of the two groups");
  if (std::cmp_not_equal(ours, router.addresses.size()) ||
      said.addresses.size() != router.addresses.size())
    subject.find(Severity::Warning, "other_addresses",
                 "the peer " + who + " has other addresses in this router",
                 "the same addresses on all nodes");
  if (said.version != router.version)
    subject.find(Severity::Error, "other_version",
                 "the peer " + who + " speaks VRRPv" +
                     std::to_string(static_cast<int>(said.version)) + ": both would be Active",
                 "version: " + std::to_string(static_cast<int>(said.version)) + ", or the peer's");
  const auto interval = said.max_advertise_interval;
  if (interval > kBelievedFactor * router.advertisement_interval ||
      kBelievedFactor * interval < router.advertisement_interval)
    subject.find(Severity::Warning, "other_interval",
                 "the peer " + who + " advertises every " + std::to_string(10 * interval.count()) +
                     " ms, which is not believed beside " +
                     std::to_string(10 * router.advertisement_interval.count()) + " ms",
                 "the same advertisement_interval on all nodes");
  if (said.priority == router.priority && said.priority != kResigning)
    subject.find(Severity::Warning, "same_priority",
                 "the peer " + who + " has the same priority " +
                     std::to_string(router.priority.value) +
                     ": with both starting the greater address wins",
                 "another priority on each node");
}

/// It is one of the routers that we would hear.
void judge_way(const Subject& subject, const HeardAdvertisement& heard) {
  const auto& router = subject.router;
  const auto who = heard.source.to_string();
  if (heard.to_group && !router.peers.empty())
    subject.find(Severity::Error, "peer_multicasts",
                 who + " advertises by multicast, and this router listens to unicast alone",
                 "unicast.peers on that node, or none here");
  if (!heard.to_group && router.peers.empty())
    subject.find(Severity::Error, "peer_unicasts",
                 who + " advertises by unicast, and this router listens to multicast alone",
                 "unicast: {peers: [" + who + "]}");
  if (!heard.to_group && !router.peers.empty() &&
      std::ranges::find(router.peers, heard.source) == router.peers.end())
    subject.find(Severity::Error, "unknown_peer", who + " is none of the peers and is not heard",
                 "unicast: {peers: [" + who + "]}");
}

/// Whether whoever has `address` advertises it in our Virtual Router.
bool is_advertised(const Subject& subject, const common::IpAddress& address) {
  return std::ranges::any_of(subject.observed.heard, [&](const auto& heard) {
    const auto& list = heard.advertisement.addresses;
    return is_of(heard, subject.router) && std::ranges::find(list, address) != list.end();
  });
}

void judge_claim(const Subject& subject, const HeardClaim& heard) {
  const auto& address = heard.claim.address;
  if (heard.interface != subject.router.interface || !is_ours(address, subject.router) ||
      is_advertised(subject, address))
    return;
  const auto vrid = vrid_of(heard.claim.mac);
  const auto who = vrid ? "the virtual router " + std::to_string(*vrid) : text_of(heard.claim.mac);
  subject.find(Severity::Error, "address_in_use",
               address.to_string() + " is alive at " + who + ", which does not advertise VRID " +
                   std::to_string(subject.router.vrid.value),
               "take it from that host, or see that its protocol 112 reaches this one");
}

}  // namespace

void judge_lan(const Subject& subject) {
  for (const auto& heard : subject.observed.heard) {
    if (!is_of(heard, subject.router)) continue;
    judge_peer(subject, heard);
    judge_way(subject, heard);
  }
  for (const auto& claim : subject.observed.claims) judge_claim(subject, claim);
}

}  // namespace vrrp::hostcheck

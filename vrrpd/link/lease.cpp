#include "vrrpd/link/lease.hpp"

#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace vrrp::link {
namespace {

std::string table_of(const std::string& interface, Family family) {
  return fmt::format("mainstay_vrrp{}_{}", family == Family::V6 ? "6" : "", nft_word(interface));
}

/// nft 1.0.6 has no word for the target of neighbour discovery: octets 8 to 23 of the message.
std::string target_of(const common::IpAddress& address) {
  return fmt::format("0x{:02x}", fmt::join(address.octets(), ""));
}

/// The parts of a map: each key once, since two routers may have one address for a moment, when a
/// reload gives it from one to the other.
class Map {
 public:
  void add(const std::string& key, std::string_view verdict, Vrid vrid) {
    if (std::ranges::find(keys_, key) != keys_.end()) return;
    keys_.push_back(key);
    text_ += fmt::format("{}{} : {}_{}", text_.empty() ? "" : ", ", key, verdict, vrid.value);
  }
  const std::string& text() const { return text_; }

 private:
  std::vector<std::string> keys_;
  std::string text_;
};

}  // namespace

bool lease_alive(const std::string& interface, Family family, Vrid vrid) {
  const auto said = list_nft(
      fmt::format("list set netdev {} alive_{}\n", table_of(interface, family), vrid.value));
  return said && said->find("elements") != said->npos;  // those that have ended are not listed
}

LeaseTable::LeaseTable(std::string interface, Family family)
    : interface_{std::move(interface)}, family_{family}, table_{table_of(interface_, family)} {}

void LeaseTable::set(LeaseOptions options) {
  std::erase(gone_, options.vrid);
  const auto known = std::ranges::find(entries_, options.vrid,
                                       [](const Entry& entry) { return entry.options.vrid; });
  if (known == entries_.end())
    entries_.push_back({std::move(options)});
  else
    *known = {std::move(options)};
}

void LeaseTable::remove(Vrid vrid) {
  const bool known =
      std::erase_if(entries_, [&](const Entry& entry) { return entry.options.vrid == vrid; }) != 0;
  if (!entries_.empty()) {
    if (known && installed_for_ != 0) gone_.push_back(vrid);
    return;
  }
  delete_nft_table(NftFamily::Netdev, table_);  // also what an earlier run left
  installed_for_ = 0;
  gone_.clear();
}

void LeaseTable::note(const GoneTables& gone) {
  if (!gone.has(table_)) return;
  installed_for_ = 0;
  gone_.clear();
  for (auto& entry : entries_) entry.fresh = true;
}

bool LeaseTable::installed(Vrid vrid) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.options.vrid == vrid && !entry.fresh && installed_for_ != 0;
  });
}

void LeaseTable::flush(int interface_index) {
  const bool changed = interface_index != installed_for_ || !gone_.empty() ||
                       std::ranges::any_of(entries_, &Entry::fresh);
  if (entries_.empty() || interface_index == 0 || !changed) return;
  refusal_ = run_nft(commands(interface_index));
  if (refusal_) return;
  installed_for_ = interface_index;
  gone_.clear();
  for (auto& entry : entries_) entry.fresh = entry.options.alive = false;
}

std::optional<std::string> LeaseTable::hold(Vrid vrid, bool on) {
  if (!installed(vrid)) return std::nullopt;
  // Also when it is so already.
  auto text = fmt::format("flush set netdev {} held_{}\n", table_, vrid.value);
  if (on)
    text +=
        fmt::format("add element netdev {} held_{} {{ \"{}\" }}\n", table_, vrid.value, interface_);
  return run_nft(text);
}

/// What an earlier run left, or what stood on an interface that is no more, goes in the same
/// transaction.
std::string LeaseTable::commands(int interface_index) const {
  const bool anew = interface_index != installed_for_;
  std::string out;
  // "add" first, so that a table which is not there is no fault.
  if (anew) out += fmt::format("add table netdev {0}\ndelete table netdev {0}\n", table_);
  out += fmt::format(R"(table netdev {0} {{
  comment "vrrpd: silence for the virtual addresses when it no longer advertises"
  chain out {{ type filter hook egress device "{1}" priority 0; policy accept; }}
  chain in {{ type filter hook ingress device "{1}" priority -500; policy accept; }}
}}
flush chain netdev {0} out
flush chain netdev {0} in
)",
                     table_, interface_);
  for (const auto& vrid : gone_)
    if (!anew)
      out += fmt::format(
          "delete chain netdev {0} renew_{1}\ndelete chain netdev {0} admit_{1}\n"
          "delete chain netdev {0} answer_{1}\n"
          "delete set netdev {0} alive_{1}\ndelete set netdev {0} held_{1}\n",
          table_, vrid.value);
  for (const auto& entry : entries_)
    if (anew || entry.fresh) put_entry(out, entry);
  put_maps(out);
  return out;
}

/// A set has room for more than its one element: one that has ended keeps its place until the
/// kernel collects it, and a full set takes no renewal. It is empty after this, but for an element
/// that is to be alive from the beginning.
void LeaseTable::put_entry(std::string& out, const Entry& entry) const {
  const auto& options = entry.options;
  out += fmt::format(R"(table netdev {0} {{
  set alive_{1} {{ type iface_index; flags dynamic, timeout; size 128; gc-interval 1s; }}
  set held_{1} {{ type iface_index; }}
  chain renew_{1} {{ }}
  chain admit_{1} {{ }}
  chain answer_{1} {{ }}
}}
flush set netdev {0} alive_{1}
flush chain netdev {0} renew_{1}
flush chain netdev {0} admit_{1}
flush chain netdev {0} answer_{1}
add rule netdev {0} renew_{1} update @alive_{1} {{ meta oif timeout {2}ms }}
add rule netdev {0} admit_{1} meta iif @alive_{1} accept
add rule netdev {0} admit_{1} meta iif @held_{1} accept
add rule netdev {0} admit_{1} drop
add rule netdev {0} answer_{1} meta iif @alive_{1} accept
add rule netdev {0} answer_{1} drop
)",
                     table_, options.vrid.value, options.duration.count());
  if (options.alive)
    out += fmt::format("add element netdev {} alive_{} {{ \"{}\" timeout {}ms }}\n", table_,
                       options.vrid.value, interface_, options.duration.count());
}

/// What we say renews, and what asks for the addresses or is for them is let in or dropped.
void LeaseTable::put_maps(std::string& out) const {
  constexpr std::string_view kRenew = "jump renew";
  const bool ipv6 = family_ == Family::V6;
  Map advertisements;
  Map announcements;
  Map packets;
  Map questions;
  for (const auto& [options, fresh] : entries_) {
    advertisements.add(std::to_string(options.vrid.value), kRenew, options.vrid);
    for (const auto& address : options.addresses) {
      const auto text = address.to_string();
      announcements.add(ipv6 ? target_of(address) : text + " . " + text, kRenew, options.vrid);
      packets.add(text, "goto admit", options.vrid);
      questions.add(ipv6 ? target_of(address) : text, "goto answer", options.vrid);
    }
  }
  const auto rule = [&](std::string_view chain, std::string_view about, const Map& map) {
    out +=
        fmt::format("add rule netdev {} {} {} vmap {{ {} }}\n", table_, chain, about, map.text());
  };
  rule("out", ipv6 ? "ip6 nexthdr 112 @th,8,8" : "ip protocol 112 @th,8,8", advertisements);
  rule("out", ipv6 ? "ip6 nexthdr ipv6-icmp @th,0,8 136 @th,64,128" : "arp saddr ip . arp daddr ip",
       announcements);
  rule("in", ipv6 ? "ip6 daddr" : "ip daddr", packets);
  rule("in", ipv6 ? "ip6 nexthdr ipv6-icmp @th,0,8 135 @th,64,128" : "arp daddr ip", questions);
}

}  // namespace vrrp::link

#include "vrrpd/import/site.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace vrrp::import {
namespace {

struct Key {
  std::string_view word;  // keepalived's
  const char* key;        // ours
};
constexpr std::array<Key, 6> kWords{{{"via", "via"},
                                     {"gw", "via"},
                                     {"src", "source"},
                                     {"metric", "metric"},
                                     {"table", "table"},
                                     {"dev", "dev"}}};

bool is_of_family(const std::string& text, bool ipv6) {
  const auto address = common::IpAddress::parse(text);
  return address && address->is_v6() == ipv6;
}

/// Why `value` is none for that key of ours; empty when it is one.
std::string fault_of(std::string_view key, const std::string& value, const RouterText& router) {
  constexpr int kMost = std::numeric_limits<int>::max();
  if (key == "via" || key == "source")
    return is_of_family(value, router.v6) ? "" : value + " is no address of the family";
  if (key == "dev")
    return value == router.interface ? ""
                                     : "it leads through " + value +
                                           ": vrrpd's lead through the interface, or to `via`";
  return number_of(value, key == "table" ? 1 : 0, kMost) ? ""
                                                         : std::string{key} + " takes a number";
}

/// `[src A] [to] NETWORK [via A] [dev I] [metric N] [table N]`, in any order.
std::optional<Keys> keys_of(const Directive& entry, const RouterText& router, std::string& why) {
  std::vector<std::string> words{entry.name};
  words.insert(words.end(), entry.arguments.begin(), entry.arguments.end());
  Keys keys;
  std::string to;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto& word = words[at];
    const auto* const known = std::ranges::find(kWords, word, &Key::word);
    if (word == "to") continue;
    if (known == kWords.end()) {
      if (!to.empty()) return why = "vrrpd has nothing like " + word, std::nullopt;
      to = word;
      continue;
    }
    const auto value = at + 1 < words.size() ? words[++at] : std::string{};
    if (why = fault_of(known->key, value, router); !why.empty()) return std::nullopt;
    if (known->key != std::string_view{"dev"}) keys.emplace_back(known->key, quoted(value));
  }
  const auto network = common::PrefixedAddress::parse(to);
  if (to != "default" && (!network || network->ip.is_v6() != router.v6))
    return why = "this is no network of the family of the addresses", std::nullopt;
  if (network && to.find('/') == to.npos) to += router.v6 ? "/128" : "/32";
  keys.emplace(keys.begin(), "to", quoted(to));
  return keys;
}

}  // namespace

void import_routes(const Directive& list, RouterText& router, Site& site) {
  site.notes.became(list, "routes");
  for (const auto& entry : list.block) {
    std::string why;
    auto keys = keys_of(entry, router, why);
    if (!keys) {
      site.notes.left_out(entry, why);
    } else if (router.routes.size() == kMostRoutes) {
      site.notes.left_out(entry, "vrrpd takes 16 routes of a router");
    } else {
      router.routes.push_back(std::move(*keys));
      site.notes.became(entry, "a route that is there while the router is Active");
    }
  }
}

}  // namespace vrrp::import

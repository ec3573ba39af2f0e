#include "lb/routing/route_table.hpp"

#include "common/contract.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/cookies.hpp"
#include "lb/http/target.hpp"
#include "lb/routing/normal_path.hpp"

#include <algorithm>
#include <array>

namespace lb::routing {
namespace {

constexpr std::string_view kWildcard = "*.";
constexpr std::size_t kLongestHost = 255;

using Entry = std::pair<std::string_view, std::vector<const Route*>>;

std::vector<const Route*>& entry_of(std::vector<Entry>& entries, std::string_view text) {
  for (auto& [known, routes] : entries)
    if (known == text) return routes;
  return entries.emplace_back(text, std::vector<const Route*>{}).second;
}

const std::vector<const Route*>* find_entry(const std::vector<Entry>& entries,
                                            std::string_view text) {
  const auto found = std::lower_bound(
      entries.begin(), entries.end(), text,
      [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != entries.end() && found->first == text ? &found->second : nullptr;
}

const Route* first_of(const std::vector<const Route*>& routes, const http::RequestHead& request) {
  for (const auto* route : routes)
    if (route->conditions.count() == 0 || route->conditions.hold(request)) return route;
  return nullptr;
}

void sort_entries(std::vector<Entry>& entries) {
  std::ranges::sort(entries, {}, &Entry::first);
  for (auto& [text, routes] : entries)
    std::ranges::stable_sort(routes, std::greater<>{},
                             [](const Route* route) { return route->conditions.count(); });
}

/// Where the prefix of `octets` ends, a segment does, too.
bool ends_segment(std::string_view path, std::size_t octets) {
  return path.size() == octets || path[octets - 1] == '/' || path[octets] == '/';
}

}  // namespace

void RouteTable::Group::add(const Route& route) {
  const std::string_view text = route.path.text;
  switch (route.path.kind) {
    case PathRule::Kind::Exact:
      entry_of(exact, text).push_back(&route);
      break;
    case PathRule::Kind::Match:
      matches.push_back(&route);
      break;
    case PathRule::Kind::Prefix: {
      auto length = std::ranges::find(lengths, text.size(), &Length::octets);
      if (length == lengths.end()) length = lengths.insert(lengths.end(), Length{text.size(), {}});
      entry_of(length->prefixes, text).push_back(&route);
    }
  }
}

void RouteTable::Group::sort() {
  sort_entries(exact);
  std::ranges::sort(lengths, std::greater<>{}, &Length::octets);
  for (auto& length : lengths) sort_entries(length.prefixes);
}

const Route* RouteTable::Group::find(const http::RequestHead& request,
                                     std::string_view path) const {
  if (!exact.empty()) {
    if (const auto* routes = find_entry(exact, path))
      if (const auto* route = first_of(*routes, request)) return route;
  }
  for (const auto* route : matches)
    if (route->path.pattern->matches(path) && route->conditions.hold(request)) return route;
  for (const auto& length : lengths) {
    if (length.octets > path.size() || !ends_segment(path, length.octets)) continue;
    const auto* routes = find_entry(length.prefixes, path.substr(0, length.octets));
    if (routes == nullptr) continue;
    if (const auto* route = first_of(*routes, request)) return route;
  }
  return nullptr;
}

RouteTable::RouteTable(std::vector<Route> routes, bool merge_slashes)
    : merge_slashes_{merge_slashes} {
  for (std::size_t place = 0; place < routes.size(); ++place) {
    auto& route = routes[place];
    route.place = place;
    std::string memory;
    if (route.path.kind != PathRule::Kind::Match)
      route.path.text = std::string{normal_path(route.path.text, merge_slashes, memory)};
  }
  routes_ = std::make_shared<const std::vector<Route>>(std::move(routes));
  for (const auto& route : *routes_) {
    if (route.host.empty())
      any_.add(route);
    else if (route.host.starts_with(kWildcard))
      wildcards_[route.host.substr(kWildcard.size())].add(route);
    else
      hosts_[route.host].add(route);
  }
  any_.sort();
  for (auto& [host, group] : hosts_) group.sort();
  for (auto& [host, group] : wildcards_) group.sort();
}

const Route* RouteTable::find(const http::RequestHead& request) const {
  std::string memory;
  // OPTIONS of the server as a whole belongs to who has its root.
  const auto path = request.target.path == "*"
                        ? std::string_view{"/"}
                        : normal_path(request.target.path, merge_slashes_, memory);
  if (!hosts_.empty() || !wildcards_.empty())
    if (const auto* route = find_by_host(request, path)) return route;
  return any_.find(request, path);
}

const Route* RouteTable::find_by_host(const http::RequestHead& request,
                                      std::string_view path) const {
  auto given = http::host_of(request.authority);
  if (given.ends_with('.')) given.remove_suffix(1);  // the same name, said in full
  if (given.empty() || given.size() > kLongestHost) return nullptr;
  std::array<char, kLongestHost> lower;
  std::ranges::transform(given, lower.begin(), http::to_lower);
  const std::string_view host{lower.data(), given.size()};
  if (const auto found = hosts_.find(host); found != hosts_.end())
    if (const auto* route = found->second.find(request, path)) return route;
  if (wildcards_.empty()) return nullptr;
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    const auto found = wildcards_.find(host.substr(dot + 1));
    if (found == wildcards_.end()) continue;
    if (const auto* route = found->second.find(request, path)) return route;
  }
  return nullptr;
}

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char octet : text) {
    hash ^= static_cast<unsigned char>(octet);
    hash *= 0x100000001B3U;
  }
  hash ^= hash >> 33U;  // the finish of MurmurHash3: FNV's high bits are poor for short texts
  hash *= 0xFF51AFD7ED558CCDU;
  hash ^= hash >> 33U;
  hash *= 0xC4CEB9FE1A85EC53U;
  return hash ^ (hash >> 33U);
}

std::size_t upstream_of(const Route& route, const http::RequestHead& request,
                        std::string_view client_network, std::uint64_t random) {
  if (route.shares.empty()) return route.upstream;
  const auto by_text = [&](std::optional<std::string_view> text) {
    return stable_hash(text && !text->empty() ? *text : client_network);
  };
  const auto& key = route.share_key;
  switch (key.kind) {
    case ShareKey::Kind::Request:
      break;
    case ShareKey::Kind::Address:
      random = by_text(std::nullopt);
      break;
    case ShareKey::Kind::Cookie:
      random = by_text(http::cookie_value(request.fields, key.name));
      break;
    case ShareKey::Kind::Field: {
      const auto found = std::ranges::find_if(request.fields, [&](const http::Field& field) {
        return http::equals_lower(field.name, key.name);
      });
      random = by_text(found != request.fields.end() ? std::optional{found->value} : std::nullopt);
    }
  }
  std::uint64_t sum = 0;
  for (const auto& share : route.shares) sum += share.weight;
  common::expects(sum > 0, "somebody has a share");
  auto at = random % sum;
  for (const auto& share : route.shares) {
    if (at < share.weight) return share.upstream;
    at -= share.weight;
  }
  return route.shares.back().upstream;
}

}  // namespace lb::routing

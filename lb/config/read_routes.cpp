#include "lb/config/readers.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <set>

namespace lb::config {
namespace {

using common::ConfigNode;

constexpr std::size_t kMostRoutes = 1024;
constexpr std::size_t kMostConditions = 16;  // of one kind on one route
constexpr std::size_t kMostMethods = 16;
constexpr std::size_t kMostShares = 16;
constexpr std::uint32_t kLargestWeight = 1'000'000;
constexpr std::uint8_t kHighestPriority = 100;

std::optional<routing::Pattern> read_pattern(const ConfigNode& node, std::string_view key,
                                             std::string& text) {
  node.read(key, text);
  auto pattern = routing::Pattern::compile(text);
  if (pattern) return std::move(*pattern);
  node.fault(key, "it cannot be compiled: " + pattern.error(),
             "a regular expression of RE2, such as ^/v[0-9]+/");
  return std::nullopt;
}

/// `*.example.kr` or a name without a port.
bool is_host(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(2);
  return host.find('*') == std::string_view::npos && !host.ends_with('.') &&
         http::is_authority(host) && http::host_of(host) == host;
}

void read_host(const ConfigNode& node, routing::Route& route) {
  node.read("host", route.host);
  std::ranges::transform(route.host, route.host.begin(), http::to_lower);
  if (!route.host.empty() && !is_host(route.host))
    node.fault("host", '"' + route.host + "\" is no host name",
               "a host name without a port, or *. and a name for all below it");
}

void read_path_rule(const ConfigNode& node, routing::PathRule& path) {
  using Kind = routing::PathRule::Kind;
  if (!node.is_mapping("path")) {
    read_path(node, "path", path.text);
    return;
  }
  const auto rule = node.section("path");
  const int rules = int{rule.has("exact")} + int{rule.has("prefix")} + int{rule.has("regex")};
  if (rules != 1) rule.fault("", "one rule for the path is needed", "exact, prefix or regex");
  read_path(rule, "prefix", path.text);
  if (rule.has("exact")) {
    path.kind = Kind::Exact;
    read_path(rule, "exact", path.text);
  }
  if (rule.has("regex")) {
    path.pattern = read_pattern(rule, "regex", path.text);
    if (path.pattern) path.kind = Kind::Match;
  }
}

/// `name: value`, or `name: {equals | regex | present}`.
std::vector<routing::Condition> read_conditions(const ConfigNode& node, std::string_view key,
                                                bool is_field) {
  using Kind = routing::Condition::Kind;
  std::vector<routing::Condition> conditions;
  const auto section = node.section(key);
  for (const auto& name : node.names(key, kMostConditions)) {
    routing::Condition condition{.name = name};
    if (is_field) std::ranges::transform(condition.name, condition.name.begin(), http::to_lower);
    if (name.empty() || !http::all_are(name, is_field ? http::kToken : http::kTarget))
      section.fault(name, '"' + name + "\" is no name", "a name");
    if (!section.is_mapping(name)) {
      condition.kind = Kind::Equal;
      section.read(name, condition.text);
    } else {
      const auto rule = section.section(name);
      const int rules = int{rule.has("equals")} + int{rule.has("regex")} + int{rule.has("present")};
      if (rules != 1)
        rule.fault("", "one rule for the value is needed", "equals, regex or present");
      bool present = true;
      rule.read("present", present);
      condition.kind = present ? Kind::Present : Kind::Absent;
      if (rule.has("equals")) {
        condition.kind = Kind::Equal;
        rule.read("equals", condition.text);
      }
      if (rule.has("regex")) {
        condition.kind = Kind::Match;
        condition.pattern = read_pattern(rule, "regex", condition.text);
      }
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

void read_all_conditions(const ConfigNode& node, routing::Conditions& conditions) {
  node.read("methods", conditions.methods);
  if (conditions.methods.size() > kMostMethods)
    node.fault("methods", "there are too many", "at most 16");
  for (const auto& method : conditions.methods)
    if (method.empty() || !http::all_are(method, http::kToken))
      node.fault("methods", '"' + method + "\" is no method", "a method such as GET");
  conditions.fields = read_conditions(node, "fields", true);
  conditions.query = read_conditions(node, "query", false);
  conditions.cookies = read_conditions(node, "cookies", false);
}

void read_share_key(const ConfigNode& node, routing::ShareKey& key) {
  using Kind = routing::ShareKey::Kind;
  if (!node.is_mapping("split_by")) {
    node.read_choice("split_by", key.kind,
                     {{"request", Kind::Request}, {"address", Kind::Address}});
    return;
  }
  const auto by = node.section("split_by");
  by.read("cookie", key.name);
  if (by.has("cookie")) key.kind = Kind::Cookie;
  by.read("field", key.name);
  if (by.has("field")) key.kind = Kind::Field;
  if (key.kind == Kind::Field) std::ranges::transform(key.name, key.name.begin(), http::to_lower);
  if (key.name.empty() || by.has("cookie") == by.has("field"))
    by.fault("", "what keeps a client with its share is not clear", "a cookie or a field");
}

void read_shares(const ConfigNode& node, const Snapshot& snapshot, routing::Route& route) {
  std::uint64_t sum = 0;
  for (const auto& item : node.items("split", 1, kMostShares)) {
    routing::Share share;
    share.upstream = read_upstream_name(item, snapshot);
    item.read("weight", share.weight, {0, kLargestWeight});
    sum += share.weight;
    route.shares.push_back(share);
  }
  if (sum == 0 && !route.shares.empty())
    node.fault("split", "nobody gets any request", "a weight above 0");
  read_share_key(node, route.share_key);
}

/// Its own, or host and path, numbered where several have the same.
void read_name(const ConfigNode& node, routing::Route& route, std::set<std::string>& names) {
  node.read("name", route.name);
  if (node.has("name") && names.contains(route.name))
    node.fault("name", '"' + route.name + "\" is taken", "a name of its own");
  if (route.name.empty()) route.name = route.host + route.path.text;
  const auto plain = route.name;
  for (int number = 2; !names.insert(route.name).second; ++number)
    route.name = plain + '#' + std::to_string(number);
}

std::shared_ptr<const filters::Chain> chain_of(const FilterList& site, FilterList own,
                                               std::shared_ptr<const filters::ErrorPages> pages) {
  if (site.filters.empty() && own.filters.empty() && !pages) return nullptr;
  auto chain = std::make_shared<filters::Chain>();
  chain->error_pages = std::move(pages);
  chain->filters = site.filters;
  std::ranges::move(own.filters, std::back_inserter(chain->filters));
  return chain;
}

}  // namespace

std::size_t read_upstream_name(const ConfigNode& node, const Snapshot& snapshot) {
  std::string name;
  node.require("upstream", name);
  const auto& upstreams = snapshot.upstreams;
  const auto found = std::ranges::find(upstreams, name, &upstream::UpstreamOptions::name);
  if (found == upstreams.end() && node.has("upstream"))
    node.fault("upstream", "there is no upstream \"" + name + '"', "a name under upstreams");
  return static_cast<std::size_t>(found - upstreams.begin());
}

void read_routes(const ConfigNode& root, Snapshot& snapshot) {
  auto& routes = snapshot.routes;
  std::set<std::string> names;
  const auto site = read_filters(root, snapshot, "the site");
  snapshot.error_pages = read_error_pages(root, nullptr);
  snapshot.chain_of_rest = chain_of(site, {}, nullptr);
  const auto nodes = root.items("routes", 1, kMostRoutes);
  for (const auto& node : nodes) {
    routing::Route route;
    read_host(node, route);
    read_path_rule(node, route.path);
    read_all_conditions(node, route.conditions);
    read_name(node, route, names);
    node.read("priority", route.priority, {0, kHighestPriority});
    auto filters = read_filters(node, snapshot, route.name);
    if (node.has("split") && node.has("upstream"))
      node.fault("split", "the route has an upstream already", "upstream or split");
    route.upstream = routing::Route::kNoUpstream;
    if (node.has("split"))
      read_shares(node, snapshot, route);
    else if (node.has("upstream") || !filters.answers)
      route.upstream = read_upstream_name(node, snapshot);
    const bool twice = std::ranges::any_of(routes, [&route](const auto& other) {
      return other.host == route.host && other.path == route.path &&
             other.conditions == route.conditions;
    });
    if (twice) node.fault("path", "this host and path have a route already", "one route for each");
    snapshot.bounds.push_back(read_bounds(node, snapshot.proxy));
    routes.push_back(std::move(route));
    snapshot.chains.push_back(
        chain_of(site, std::move(filters), read_error_pages(node, snapshot.error_pages.get())));
  }
  judge_ways(nodes, snapshot);
}

}  // namespace lb::config

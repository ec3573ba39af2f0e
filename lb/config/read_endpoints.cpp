#include "lb/config/readers.hpp"
#include "lb/discovery/endpoint_list.hpp"
#include "lb/upstream/roster.hpp"

#include <array>
#include <charconv>
#include <set>

namespace lb::config {
namespace {

using upstream::EndpointSource;
using upstream::FixedEndpoint;

constexpr std::uint32_t kMostWeight = 10'000;
constexpr std::uint32_t kMostTier = 99;
constexpr std::uint32_t kMostConnections = 1'000'000;
constexpr std::size_t kLongestHost = 253;  // RFC 1035 §2.3.4, without the final dot
constexpr std::size_t kLongestLabel = 63;

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Labels of letters, digits, '-' and the '_' of services, no longer than DNS has it.
bool is_host(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kLongestHost) return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if (c != '.' && !is_alphanumeric(c) && c != '-' && c != '_') return false;
    if (label > kLongestLabel) return false;
  }
  return label > 0;
}

std::optional<FixedEndpoint> parse_endpoint(const std::string& text) {
  const auto address = common::SocketAddress::parse(text);
  if (!address || address->port == 0) return std::nullopt;
  return FixedEndpoint{*address, {}};
}

void read_address(const common::ConfigNode& node, const std::string& text, std::string_view key,
                  EndpointSource& source) {
  const auto endpoint = parse_endpoint(text);
  if (endpoint)
    source.from = *endpoint;
  else
    node.fault(
        key, '"' + text + "\" is no endpoint",
        "address:port, such as 10.0.0.21:8080; for a host name {dns: \"app.internal:8080\"}");
}

common::Parsed<discovery::DnsName> parse_dns(std::string_view text) {
  constexpr const char* kRight = "a host name and a port such as app.internal:8080";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {{}, kRight};
  discovery::DnsName name{std::string{text.substr(0, colon)}, 0, {}};
  const auto port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), name.port);
  if (error != std::errc{} || end != port.data() + port.size() || name.port == 0 ||
      !is_host(name.host) || common::IpAddress::parse(name.host))
    return {{}, kRight};
  return {std::move(name), {}};
}

void read_source(const common::ConfigNode& node, EndpointSource& source) {
  static constexpr std::array kKinds{"address", "dns", "srv", "file"};
  const auto given = std::count_if(kKinds.begin(), kKinds.end(),
                                   [&node](const char* kind) { return node.has(kind); });
  if (given != 1)
    node.fault("", given == 0 ? "it does not say where it is" : "it is in two places",
               "one of address, dns, srv and file");
  discovery::Family family{};
  if (node.has("dns") || node.has("srv"))
    node.read_choice("family", family,
                     {{"any", discovery::Family::Any},
                      {"v4", discovery::Family::V4},
                      {"v6", discovery::Family::V6}});
  if (node.has("address")) {
    std::string text;
    node.read("address", text);
    read_address(node, text, "address", source);
    std::string name;
    node.read("name", name);
    if (auto* fixed = std::get_if<FixedEndpoint>(&source.from)) fixed->name = name;
    if (node.has("name") && !discovery::is_endpoint_name(name))
      node.fault("name", '"' + name + "\" is no name",
                 "up to 64 letters, digits and any of - . _ : [ ]");
  } else if (node.has("dns")) {
    discovery::DnsName name;
    node.read_as("dns", name, parse_dns);
    name.family = family;
    source.from = std::move(name);
  } else if (node.has("srv")) {
    discovery::SrvName name;
    node.read("srv", name.name);
    if (!is_host(name.name))
      node.fault("srv", '"' + name.name + "\" is no name of a service",
                 "a name such as _http._tcp.app.internal");
    name.family = family;
    source.from = std::move(name);
  } else if (node.has("file")) {
    discovery::EndpointFile file;
    node.read("file", file.path);
    if (!file.path.starts_with('/') || file.path.ends_with('/'))
      node.fault("file", '"' + file.path + "\" cannot be watched",
                 "the whole path of a file, such as /etc/mainstay/endpoints.txt");
    source.from = std::move(file);
  }
}

EndpointSource read_endpoint(const common::ConfigNode& node) {
  EndpointSource source;
  if (const auto text = node.text()) {
    read_address(node, *text, "", source);
    return source;
  }
  read_source(node, source);
  node.read("weight", source.weight, {0, kMostWeight});
  node.read("tier", source.tier, {0, kMostTier});
  node.read("max_connections", source.most_connections, {0, kMostConnections});
  bool backup = false;
  node.read("backup", backup);
  if (backup && node.has("tier"))
    node.fault("backup", "it has a tier of its own", "either backup or tier");
  if (backup) source.tier = upstream::kBackupTier;
  return source;
}

}  // namespace

void read_endpoints(const common::ConfigNode& upstream, upstream::UpstreamOptions& options) {
  std::set<std::string> names;
  std::set<common::SocketAddress> addresses;
  for (const auto& node : upstream.items("endpoints", 1, upstream::Roster::kMostEndpoints)) {
    auto source = read_endpoint(node);
    if (const auto* fixed = std::get_if<FixedEndpoint>(&source.from);
        fixed && fixed->address.port) {
      const auto name = fixed->name.empty() ? fixed->address.to_string() : fixed->name;
      if (!addresses.insert(fixed->address).second)
        node.fault("", fixed->address.to_string() + " is named twice", "every endpoint once");
      else if (!names.insert(name).second)
        node.fault("name", '"' + name + "\" is taken", "a name of its own");
    }
    options.endpoints.push_back(std::move(source));
  }
}

}  // namespace lb::config

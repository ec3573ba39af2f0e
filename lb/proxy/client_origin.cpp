#include "lb/proxy/client_origin.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"
#include "lb/net/peer.hpp"

#include <algorithm>
#include <optional>

namespace lb::proxy {
namespace {

using common::IpAddress;
using http::FieldId;

constexpr std::size_t kMostHops = 64;  // of which anybody asks; a longer way is not believed
constexpr std::size_t kLongestPort = 5;

/// One party on the way; no address when it hides (`unknown`, `_x`) or is not one.
struct Hop {
  std::optional<IpAddress> address;
  std::string_view scheme{};
  std::string_view host{};
};

struct Way {
  std::vector<Hop> hops;  // the nearest last
  bool sound{true};
};

/// An address, also in brackets, also with a port behind it.
std::optional<IpAddress> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && (rest.front() != ':' || !http::all_are(rest.substr(1), http::kDigit)))
      return std::nullopt;
    const auto address = IpAddress::parse(text.substr(1, close - 1));
    if (!address || !address->is_v6()) return std::nullopt;
    return net::unmapped(*address);
  }
  if (std::count(text.begin(), text.end(), ':') == 1) {
    const auto colon = text.find(':');
    if (!http::all_are(text.substr(colon + 1), http::kDigit)) return std::nullopt;
    text = text.substr(0, colon);
  }
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  return net::unmapped(*address);
}

std::string_view known_scheme(std::string_view text) {
  if (http::equals_lower(text, "https")) return "https";
  if (http::equals_lower(text, "http")) return "http";
  return {};
}

/// Reads `token` or a quoted string without escapes off the front of `text`.
std::optional<std::string_view> take_value(std::string_view& text) {
  if (text.starts_with('"')) {
    const auto end = text.find_first_of("\"\\", 1);
    if (end == std::string_view::npos || text[end] != '"') return std::nullopt;
    const auto value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return value;
  }
  std::size_t end = 0;
  while (end < text.size() && http::is(text[end], http::kToken)) ++end;
  if (end == 0) return std::nullopt;
  const auto value = text.substr(0, end);
  text.remove_prefix(end);
  return value;
}

/// RFC 7239 §4: elements of pairs. False when it is not well-formed.
bool read_forwarded(std::string_view text, std::vector<Hop>& hops) {
  Hop hop;
  while (true) {
    text = http::trim(text);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    const auto name = text.substr(0, equals);
    if (name.empty() || !http::all_are(name, http::kToken)) return false;
    text.remove_prefix(equals + 1);
    const auto value = take_value(text);
    if (!value) return false;
    if (http::equals_lower(name, "for")) hop.address = parse_node(*value);
    if (http::equals_lower(name, "proto")) hop.scheme = known_scheme(*value);
    if (http::equals_lower(name, "host") && http::is_authority(*value)) hop.host = *value;
    text = http::trim(text);
    if (text.empty() || text.front() == ',') {
      hops.push_back(hop);
      hop = {};
      if (text.empty()) return true;
    } else if (text.front() != ';') {
      return false;
    }
    text.remove_prefix(1);
  }
}

Way read_way(const http::Fields& fields, FieldId id) {
  Way way;
  for (const auto& field : fields) {
    if (field.id != id) continue;
    if (id == FieldId::Forwarded)
      way.sound = way.sound && read_forwarded(field.value, way.hops);
    else
      http::for_each_member(
          field.value, [&](std::string_view member) { way.hops.push_back({parse_node(member)}); });
  }
  if (way.hops.size() > kMostHops) way.sound = false;
  if (!way.sound) way.hops.clear();
  return way;
}

bool is_trusted(const IpAddress& address, const TrustedProxies& trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const auto& network) { return network.contains(address); });
}

/// Back from `peer` to the first that is not trusted, or that is not known any more.
Hop walk(const Way& way, const IpAddress& peer, const TrustedProxies& trusted) {
  Hop at{peer};
  for (auto hop = way.hops.rbegin(); hop != way.hops.rend(); ++hop) {
    if (!hop->address || !is_trusted(*at.address, trusted)) break;
    at = *hop;
  }
  return at;
}

/// The last member of the last line: what our peer itself wrote.
std::string_view last_word(const http::Fields& fields, FieldId id) {
  std::string_view last;
  for (const auto& field : fields)
    if (field.id == id)
      http::for_each_member(field.value, [&](std::string_view member) { last = member; });
  return last;
}

std::string joined(const http::Fields& fields, FieldId id) {
  std::string all;
  for (const auto& field : fields) {
    if (field.id != id || field.value.empty()) continue;
    if (!all.empty()) all.append(", ");
    all.append(field.value);
  }
  return all;
}

}  // namespace

ClientOrigin find_origin(const http::RequestHead& head, const IpAddress& peer,
                         const TrustedProxies& trusted, std::string_view scheme_here) {
  ClientOrigin origin{peer, scheme_here, head.authority, {}, {}, {}, false};
  if (trusted.empty() || !is_trusted(peer, trusted)) {
    origin.forwarded_for = peer.to_string();
    return origin;
  }
  origin.by_proxy = true;
  const auto& fields = head.fields;
  const auto x_forwarded = read_way(fields, FieldId::XForwardedFor);
  const auto forwarded = read_way(fields, FieldId::Forwarded);
  const auto x_client = walk(x_forwarded, peer, trusted);
  const auto client = walk(forwarded, peer, trusted);
  const bool both = !x_forwarded.hops.empty() && !forwarded.hops.empty();
  const bool contradictory = both && *x_client.address != *client.address;
  if (!contradictory)
    origin.address = x_forwarded.hops.empty() ? *client.address : *x_client.address;

  if (!forwarded.hops.empty() && !contradictory) {
    if (!client.scheme.empty()) origin.scheme = client.scheme;
    if (!client.host.empty()) origin.host = client.host;
  }
  if (const auto scheme = known_scheme(last_word(fields, FieldId::XForwardedProto));
      !scheme.empty())
    origin.scheme = scheme;
  if (const auto host = last_word(fields, FieldId::XForwardedHost); http::is_authority(host))
    origin.host = host;
  const auto port = last_word(fields, FieldId::XForwardedPort);
  if (port.size() <= kLongestPort && http::all_are(port, http::kDigit)) origin.port = port;

  origin.forwarded_for = joined(fields, FieldId::XForwardedFor);
  if (!origin.forwarded_for.empty()) origin.forwarded_for.append(", ");
  origin.forwarded_for.append(peer.to_string());
  if (forwarded.sound) origin.forwarded = joined(fields, FieldId::Forwarded);
  return origin;
}

}  // namespace lb::proxy

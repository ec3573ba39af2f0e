#include "lb/proxy/selector.hpp"

#include "lb/balancing/hash.hpp"

#include <algorithm>
#include <chrono>

namespace lb::proxy {
namespace {

using upstream::HashOf;

bool same_name(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view value_of(const http::Fields& fields, std::string_view name) {
  for (const auto& field : fields)
    if (same_name(field.name, name)) return field.value;
  return {};
}

/// An IPv6 client has a network of his own to choose addresses from; he is known by that.
std::uint64_t hash_of(const common::IpAddress& client) {
  const auto& octets = client.octets();
  std::array<char, 8> key{};
  std::copy_n(octets.begin(), client.is_v4() ? 4 : 8, key.begin());
  return balancing::hash_key({key.data(), key.size()});
}

std::uint64_t hash_of(const upstream::HashOptions& options, const http::RequestHead& head,
                      const common::IpAddress& client) {
  std::string_view key;
  switch (options.of) {
    case HashOf::Client:
      return hash_of(client);
    case HashOf::Field:
      key = value_of(head.fields, options.name);
      break;
    case HashOf::Cookie:
      key = cookie(head.fields, options.name);
      break;
    case HashOf::Path:
      key = head.target.path;
      break;
  }
  return key.empty() ? 0 : balancing::hash_key(key);
}

std::chrono::seconds seconds_now() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

upstream::Selector select_by(const upstream::Upstream& upstream, const http::RequestHead& head,
                             const common::IpAddress& client) {
  const auto& options = upstream.options();
  upstream::Selector selector;
  if (options.balance.policy == balancing::Policy::Hash)
    selector.hash = hash_of(options.hash, head, client);
  if (const auto* cookies = upstream.sticky()) {
    const auto value = cookie(head.fields, options.sticky.cookie);
    if (value.empty()) return selector;
    if (const auto named = cookies->verify(value, seconds_now())) {
      selector.sticky = named->endpoint;
      selector.ageing = named->ageing;
    }
  }
  return selector;
}

std::string sticky_cookie(const upstream::Upstream& upstream, const upstream::Selector& selector,
                          const upstream::Endpoint& endpoint, bool secure) {
  const auto* cookies = upstream.sticky();
  if (cookies == nullptr) return {};
  if (selector.sticky == endpoint.sticky_id && !selector.ageing) return {};
  const auto& options = upstream.options().sticky;
  std::string field = options.cookie + '=' + cookies->issue(endpoint.sticky_id, seconds_now());
  field.append("; Path=/; HttpOnly; SameSite=Lax");
  if (options.ttl.count() > 0)
    field.append("; Max-Age=").append(std::to_string(options.ttl.count()));
  if (options.secure || secure) field.append("; Secure");
  return field;
}

std::string_view cookie(const http::Fields& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (!same_name(field.name, "cookie")) continue;
    for (auto rest = field.value; !rest.empty();) {
      auto pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(" \t")));
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      auto value = pair.substr(equals + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return value;
    }
  }
  return {};
}

health::Verdict verdict_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::NotConnected:
    case Trouble::ConnectTimeout:
    case Trouble::ConnectionDied:
    case Trouble::AnswerTimeout:
    case Trouble::BadAnswer:
      return health::Verdict::Bad;
    default:
      return health::Verdict::Nothing;
  }
}

Trouble trouble_of(upstream::Unavailable why) {
  switch (why) {
    case upstream::Unavailable::NoEndpoint:
    case upstream::Unavailable::Busy:
      return Trouble::NoEndpoint;
    case upstream::Unavailable::QueueFull:
      return Trouble::QueueFull;
    case upstream::Unavailable::QueueTimeout:
      return Trouble::QueueTimeout;
    case upstream::Unavailable::Cancelled:
      return Trouble::TotalTimeout;
  }
  return Trouble::NoEndpoint;
}

}  // namespace lb::proxy

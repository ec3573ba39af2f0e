#include "lb/config/readers.hpp"

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::DurationRange kTimeout{milliseconds{1}, hours{24}};
constexpr common::Range<std::uint64_t> kBody{1, std::uint64_t{1} << 50U};
constexpr common::Range<std::uint64_t> kBodyRate{0, std::uint64_t{1} << 30U};

void read_octets(const common::ConfigNode& node, std::string_view key, std::size_t& out,
                 std::uint64_t least, std::uint64_t most) {
  common::Bytes bytes{out};
  node.read(key, bytes, {least, most});
  out = static_cast<std::size_t>(bytes.value);
}

constexpr std::size_t kMostNetworks = 4096;

}  // namespace

void read_networks(const common::ConfigNode& node, std::string_view key,
                   std::vector<common::PrefixedAddress>& out) {
  for (const auto& item : node.items(key, 0, kMostNetworks)) {
    const auto text = item.text();
    const auto network = text ? common::PrefixedAddress::parse(*text) : std::nullopt;
    if (network)
      out.push_back(*network);
    else
      item.fault("", '"' + text.value_or("") + "\" is no network",
                 "an address or a network such as 10.0.0.0/8 or 2001:db8::/32");
  }
}

void read_proxy_header(const common::ConfigNode& listener, net::ProxyHeaderOptions& header) {
  if (!listener.has("proxy_protocol")) return;
  const auto node = listener.section("proxy_protocol");
  read_networks(node, "from", header.from);
  node.read("required", header.required);
  if (header.from.empty())
    node.fault("from", "nobody is listed whose header would be believed",
               "the addresses of the proxies in front, such as [10.0.0.0/8]");
}

std::optional<http2::Options> read_http2(const common::ConfigNode& listener) {
  constexpr std::uint64_t kLeastWindow = 65'535;  // RFC 9113 §6.9.2: what every client begins with
  constexpr std::uint64_t kMostWindow = 64U << 20U;
  http2::Options options;
  bool enabled = listener.has("tls");
  const auto node = listener.section("http2");
  node.read("enabled", enabled);
  node.read("max_concurrent_streams", options.max_concurrent_streams, {1, 1000});
  node.read("stream_window", options.stream_window, {kLeastWindow, kMostWindow});
  node.read("connection_window", options.connection_window, {kLeastWindow, kMostWindow});
  if (options.stream_window.value > options.connection_window.value)
    node.fault("stream_window", "it is larger than that of the connection",
               "at most connection_window");
  if (!enabled) return std::nullopt;
  return options;
}

void read_timeouts(const common::ConfigNode& node, proxy::Timeouts& timeouts) {
  node.read("handshake", timeouts.handshake, kTimeout);
  node.read("head", timeouts.head, kTimeout);
  node.read("body", timeouts.body, kTimeout);
  node.read("body_grace", timeouts.body_grace, kTimeout);
  node.read("send", timeouts.send, kTimeout);
  node.read("keep_alive", timeouts.keep_alive, kTimeout);
  node.read("total", timeouts.total, kTimeout);
  node.read("tunnel", timeouts.tunnel, kTimeout);
  node.read("go_ahead", timeouts.go_ahead, kTimeout);
}

void read_limits(const common::ConfigNode& node, proxy::Limits& limits) {
  constexpr std::uint64_t kMiB = 1U << 20U;
  auto& message = limits.message;
  read_octets(node, "head", message.head, 1024, kMiB);
  read_octets(node, "request_line", message.request_line, 64, kMiB);
  read_octets(node, "field_line", message.field_line, 64, kMiB);
  node.read("fields", message.fields, {1, 1000});
  read_octets(node, "chunk_extensions", message.chunk_extensions, 0, kMiB);
  read_octets(node, "chunk_line", message.chunk_line, 18, kMiB);
  read_octets(node, "trailers", message.trailers, 0, kMiB);
  node.read("trailer_fields", message.trailer_fields, {0, 1000});
  node.read("body", limits.body, kBody);
  node.read("body_rate", limits.body_rate, kBodyRate);
  node.read("replay", limits.replay, {1, 16 * kMiB});
  node.read("attempts", limits.attempts, {1, 10});
  node.read("interim_answers", limits.interim_answers, {0, 1000});
  node.read("connections", limits.connections, {1, 1'000'000});
  node.read("requests", limits.requests, {1, 1'000'000'000});
  if (message.request_line > message.head)
    node.fault("request_line", "it is larger than the whole head", "at most limits.head");
  if (message.field_line > message.head)
    node.fault("field_line", "it is larger than the whole head", "at most limits.head");
}

proxy::Bounds read_bounds(const common::ConfigNode& route, const proxy::ProxyOptions& site) {
  auto bounds = proxy::bounds_of(site);
  common::Bytes body{bounds.body};
  common::Bytes rate{bounds.body_rate};
  const auto limits = route.section("limits");
  limits.read("body", body, kBody);
  limits.read("body_rate", rate, kBodyRate);
  bounds.body = body.value;
  bounds.body_rate = rate.value;
  const auto timeouts = route.section("timeouts");
  timeouts.read("body", bounds.body_idle, kTimeout);
  timeouts.read("body_grace", bounds.body_grace, kTimeout);
  timeouts.read("total", bounds.total, kTimeout);
  timeouts.read("tunnel", bounds.tunnel, kTimeout);
  timeouts.read("first_byte", bounds.first_byte, kTimeout);
  timeouts.read("between_bytes", bounds.between_bytes, kTimeout);
  return bounds;
}

}  // namespace lb::config

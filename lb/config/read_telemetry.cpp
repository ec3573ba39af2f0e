#include "lb/config/readers.hpp"
#include "lb/telemetry/span_exporter.hpp"

#include <charconv>

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::size_t kMostExempt = 1024;

/// `100%`, `1%`, `0.1%`: as a number from 0 to 1.
common::Parsed<double> parse_share(std::string_view text) {
  constexpr auto kRight = "a share from 0% to 100%, such as 1% or 0.1%";
  if (!text.ends_with('%')) return {std::nullopt, kRight};
  text.remove_suffix(1);
  double percent = -1;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(percent >= 0 && percent <= 100))
    return {std::nullopt, kRight};
  return {percent / 100, {}};
}

}  // namespace

void read_access_log(const common::ConfigNode& node, telemetry::AccessLogOptions& options) {
  node.read("enabled", options.enabled);
  node.read("file", options.file);
  node.read_as("sample", options.sample, parse_share);
  node.read("slow", options.slow, {milliseconds{0}, hours{24}});
  node.read("query", options.query);
  node.read("user_agent", options.user_agent);
  node.read("referer", options.referer);
}

void read_tracing(const common::ConfigNode& node, telemetry::TracingOptions& options) {
  using Propagation = telemetry::TracingOptions::Propagation;
  node.read_choice("propagation", options.propagation,
                   {{"participate", Propagation::Participate}, {"pass", Propagation::Pass}});
  node.read("enabled", options.enabled);
  node.read("endpoint", options.endpoint);
  node.read_as("sample", options.sample, parse_share);
  node.read("follow", options.follow);
  node.read("service", options.service);
  node.read("timeout", options.timeout, {milliseconds{10}, std::chrono::minutes{1}});
  constexpr auto kRight = "a URL such as http://127.0.0.1:4318/v1/traces";
  if (!options.endpoint.empty() && !telemetry::CollectorUrl::parse(options.endpoint))
    node.fault("endpoint", '"' + options.endpoint + "\" is no collector", kRight);
  if (options.enabled && options.endpoint.empty()) node.fault("endpoint", "it is missing", kRight);
  if (options.enabled && options.propagation == Propagation::Pass)
    node.fault("propagation", "spans need a part in traces", "participate, or enabled: false");
}

void read_overload(const common::ConfigNode& node, overload::OverloadOptions& options) {
  constexpr std::uint64_t kMiB = 1U << 20U;
  node.read("memory", options.memory, {0, std::uint64_t{1} << 50U});
  if (options.memory.value > 0 && options.memory.value < 32 * kMiB)
    node.fault("memory", "it is less than lbd needs for itself", "at least 32MiB, or 0 for none");
  node.read("loop_lag", options.loop_lag, {milliseconds{0}, std::chrono::minutes{1}});
  if (options.loop_lag > milliseconds{0} && options.loop_lag < milliseconds{100})
    node.fault("loop_lag", "the loop is looked at every 20 ms only",
               "at least 100ms, or 0ms for none");
  node.read("connections_per_client", options.connections_per_client, {0, 1'000'000});
  std::vector<std::string> words;
  node.read("exempt", words);
  if (words.size() > kMostExempt)
    node.fault("exempt", "there are too many", "at most 1024 networks");
  for (const auto& word : words) {
    const auto network = common::PrefixedAddress::parse(word);
    if (network)
      options.exempt.push_back(*network);
    else
      node.fault("exempt", '"' + word + "\" is no network",
                 "an address or a network, such as 10.0.0.0/8");
  }
}

}  // namespace lb::config

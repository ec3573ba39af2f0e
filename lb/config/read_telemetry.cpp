#include "lb/config/readers.hpp"
#include "lb/telemetry/span_exporter.hpp"

#include <charconv>

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

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

}  // namespace lb::config

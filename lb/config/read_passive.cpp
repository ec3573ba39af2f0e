#include "lb/config/readers.hpp"

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::DurationRange kWindow{milliseconds{100}, hours{1}};
constexpr common::DurationRange kOut{milliseconds{10}, hours{24}};
constexpr unsigned kMostDeviations = 99;  // tenths

/// `1.9` or `2`, as tenths.
common::Parsed<unsigned> parse_tenths(std::string_view text) {
  constexpr const char* kRight = "a number from 0.1 to 9.9, such as 1.9";
  const bool with_point = text.size() == 3 && text[1] == '.';
  if (text.size() != 1 && !with_point) return {{}, kRight};
  unsigned tenths = 0;
  for (const char c : {text[0], with_point ? text[2] : '0'}) {
    if (c < '0' || c > '9') return {{}, kRight};
    tenths = tenths * 10 + static_cast<unsigned>(c - '0');
  }
  if (tenths == 0 || tenths > kMostDeviations) return {{}, kRight};
  return {tenths, {}};
}

}  // namespace

void read_passive(const common::ConfigNode& upstream, health::PassiveOptions& options) {
  bool enabled = upstream.has("passive");
  const auto node = upstream.section("passive");
  node.read("enabled", enabled);
  node.read("consecutive_failures", options.consecutive_failures, {0, 10'000});
  node.read("interval", options.interval, kWindow);
  node.read("ejection", options.ejection, kOut);
  node.read("most_ejection", options.most_ejection, kOut);
  if (options.most_ejection < options.ejection)
    node.fault("most_ejection", "it is below ejection", "at least ejection");
  node.read("most_ejected", options.most_ejected_percent, {0, 100});
  const auto rate = node.section("success_rate");
  bool by_rate = true;
  rate.read("enabled", by_rate);
  rate.read("least_requests", options.least_requests, {1, 1'000'000});
  rate.read("least_endpoints", options.least_endpoints, {2, 64});
  rate.read_as("deviations", options.deviations_tenths, parse_tenths);
  if (!enabled || !by_rate) options.least_endpoints = 0;
  if (!enabled) options.consecutive_failures = 0;
}

void read_circuit(const common::ConfigNode& upstream, health::CircuitOptions& options) {
  options.enabled = upstream.has("circuit");
  const auto node = upstream.section("circuit");
  node.read("enabled", options.enabled);
  node.read("window", options.window, kWindow);
  node.read("least_requests", options.least_requests, {1, 1'000'000});
  node.read("failed", options.failed_percent, {1, 100});
  node.read("open", options.open, kOut);
  node.read("most_open", options.most_open, kOut);
  if (options.most_open < options.open)
    node.fault("most_open", "it is below open", "at least open");
  node.read("trials", options.trials, {1, 1000});
}

}  // namespace lb::config

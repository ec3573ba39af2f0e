#include "lb/server/succession.hpp"

#include "lb/net/stream.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <variant>

namespace lb::server {
namespace {

namespace json = boost::json;
using health::ProbeResult;
using upstream::Roster;

constexpr std::array kFailures{ProbeResult::Refused, ProbeResult::TimedOut, ProbeResult::Broken,
                               ProbeResult::WrongStatus, ProbeResult::WrongContent};

std::string name_of(const upstream::FixedEndpoint& endpoint) {
  return endpoint.name.empty() ? endpoint.address.to_string() : endpoint.name;
}

/// Nothing when there is nothing to say.
json::object tell(const upstream::EndpointStatus& endpoint) {
  json::object said;
  const auto& state = endpoint.state;
  if (endpoint.origin == upstream::Origin::Operator) {
    said["address"] = net::from_asio(state.address).to_string();
    said["tier"] = state.tier;
    said["most_connections"] = state.most_connections;
  }
  if (endpoint.origin == upstream::Origin::Operator || state.weight != endpoint.configured_weight)
    said["weight"] = state.weight;
  if (state.draining) said["draining"] = true;
  if (endpoint.check == health::State::Down && endpoint.last_check) {
    said["failed"] = health::to_string(endpoint.last_check->result);
    said["detail"] = endpoint.last_check->detail;
  }
  return said;
}

void tell_removed(json::object& endpoints, const upstream::UpstreamOptions& options,
                  const upstream::UpstreamStatus& status) {
  for (const auto& source : options.endpoints) {
    const auto* fixed = std::get_if<upstream::FixedEndpoint>(&source.from);
    if (fixed == nullptr) continue;
    const auto name = name_of(*fixed);
    const bool there = std::any_of(status.endpoints.begin(), status.endpoints.end(),
                                   [&](const auto& one) { return one.state.name == name; });
    if (!there) endpoints[name] = json::object{{"removed", true}};
  }
}

std::optional<std::string_view> text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view{value->get_string()};
}

std::uint32_t number(const json::object& object, std::string_view key, std::uint32_t otherwise) {
  const auto* value = object.if_contains(key);
  boost::system::error_code error;
  const auto found = value != nullptr ? value->to_number<std::uint32_t>(error) : otherwise;
  return error ? otherwise : found;
}

bool holds(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

void take_over(Roster& roster, std::string_view upstream, std::string_view endpoint,
               const json::object& said, common::TimePoint now) {
  if (holds(said, "removed")) roster.remove(upstream, endpoint, now);
  if (const auto address = text(said, "address")) {
    const auto parsed = common::SocketAddress::parse(*address);
    if (!parsed) return;
    roster.add(upstream,
               {.from = upstream::FixedEndpoint{*parsed, std::string{endpoint}},
                .weight = number(said, "weight", 100),
                .tier = number(said, "tier", 0),
                .most_connections = number(said, "most_connections", 0)},
               now);
  } else if (said.contains("weight")) {
    roster.set_weight(upstream, endpoint, number(said, "weight", 100), now);
  }
  if (holds(said, "draining")) roster.set_draining(upstream, endpoint, true, now);
  const auto failed = text(said, "failed");
  const auto* options = roster.options(upstream);
  if (!failed || options == nullptr || !options->check.enabled) return;
  for (const auto result : kFailures) {
    if (health::to_string(result) != *failed) continue;
    for (std::uint32_t i = 0; i < options->check.hysteresis.fall; ++i)
      roster.on_check(upstream, endpoint,
                      {.result = result, .detail = std::string{text(said, "detail").value_or("")}},
                      now);
  }
}

}  // namespace

std::string endpoints_for_successor(const Roster& roster) {
  json::object upstreams;
  for (const auto& upstream : roster.status()) {
    json::object endpoints;
    for (const auto& endpoint : upstream.endpoints)
      if (auto said = tell(endpoint); !said.empty())
        endpoints[endpoint.state.name] = std::move(said);
    if (const auto* options = roster.options(upstream.name))
      tell_removed(endpoints, *options, upstream);
    if (!endpoints.empty()) upstreams[upstream.name] = std::move(endpoints);
  }
  return json::serialize(upstreams);
}

void take_over_endpoints(std::string_view text, Roster& roster, common::TimePoint now) {
  boost::system::error_code error;
  const auto document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return;
  for (const auto& [upstream, endpoints] : document.get_object()) {
    if (!endpoints.is_object()) continue;
    for (const auto& [endpoint, said] : endpoints.get_object())
      if (said.is_object())
        take_over(roster, {upstream.data(), upstream.size()}, {endpoint.data(), endpoint.size()},
                  said.get_object(), now);
  }
}

net::Descriptor in_memory(std::string_view text) {
  net::Descriptor file{::memfd_create("lbd-endpoints", MFD_CLOEXEC)};
  while (file && !text.empty()) {
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written <= 0) return {};
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

std::string content_of(const net::Descriptor& file) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < kMostHandedOver) {
    const auto count =
        ::pread(file.number(), chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
    if (count <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace lb::server

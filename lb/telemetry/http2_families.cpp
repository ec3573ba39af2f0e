#include "lb/telemetry/http2_families.hpp"

#include "lb/telemetry/families.hpp"

#include <array>
#include <utility>

namespace lb::telemetry {
namespace {

using Families = std::vector<prometheus::MetricFamily>;
using Workers = std::vector<std::shared_ptr<const WorkerCounters>>;
using Type = prometheus::MetricType;

constexpr std::array<const char*, Http2Counters::kEndings> kEndings{
    "client_left",    "idle",       "drained", "cut",           "head_timeout",
    "send_timeout",   "protocol",   "resets",  "stream_errors", "continuations",
    "empty_frames",   "settings",   "pings",   "priorities",    "unknown_frames",
    "window_updates", "header_list"};
static_assert(Http2Counters::kEndings == Http2EndpointCounters::kEndings);

/// `pick` gives a Count of what one worker has on that side.
template <class Side, class Pick>
std::uint64_t sum(const Workers& workers, Side WorkerCounters::*side, Pick pick) {
  std::uint64_t total = 0;
  for (const auto& worker : workers) total += pick((*worker).*side).value();
  return total;
}

template <class Side>
void add_total(Families& out, const Workers& workers, Side WorkerCounters::*side,
               Count Side::*member, const char* name, const char* help) {
  Family family{name, help, Type::Counter};
  family.add(sum(
      workers, side, [member](const Side& of) -> auto& { return of.*member; }));
  out.push_back(family.take());
}

/// `left`: what it is called that the other side has ended it.
template <class Side>
void add_endings(Families& out, const Workers& workers, Side WorkerCounters::*side,
                 const char* name, const char* help, const char* left) {
  Family family{name, help, Type::Counter};
  for (std::size_t i = 0; i < kEndings.size(); ++i)
    family.add(sum(
                   workers, side, [i](const Side& of) -> auto& { return of.endings[i]; }),
               {{"reason", i == 0 ? left : kEndings[i]}});
  out.push_back(family.take());
}

template <class Side, std::size_t kSize>
void add_reasons(Families& out, const Workers& workers, Side WorkerCounters::*side,
                 const char* name, const char* help,
                 const std::array<std::pair<const char*, Count Side::*>, kSize>& reasons) {
  Family family{name, help, Type::Counter};
  for (const auto& [reason, count] : reasons)
    family.add(sum(
                   workers, side, [count = count](const Side& of) -> auto& { return of.*count; }),
               {{"reason", reason}});
  out.push_back(family.take());
}

void add_clients(Families& out, const Workers& workers) {
  using Side = Http2Counters;
  constexpr auto kSide = &WorkerCounters::client_http2;
  add_total(out, workers, kSide, &Side::connections, "lbd_http2_connections_total",
            "Client connections that speak HTTP/2.");
  add_endings(out, workers, kSide, "lbd_http2_connections_ended_total",
              "HTTP/2 connections ended, by reason.", "client_left");
  add_total(out, workers, kSide, &Side::streams, "lbd_http2_streams_total",
            "HTTP/2 streams that clients have begun.");
  constexpr std::array kReasons{std::pair{"refused", &Side::refused},
                                std::pair{"client", &Side::resets},
                                std::pair{"error", &Side::errors}};
  add_reasons(out, workers, kSide, "lbd_http2_streams_reset_total",
              "HTTP/2 streams that were reset: refused as there were too many, by their client, "
              "for an error of their client.",
              kReasons);
}

void add_endpoints(Families& out, const Workers& workers) {
  using Side = Http2EndpointCounters;
  constexpr auto kSide = &WorkerCounters::upstream_http2;
  add_total(out, workers, kSide, &Side::connections, "lbd_http2_upstream_connections_total",
            "Connections to endpoints that speak HTTP/2.");
  add_endings(out, workers, kSide, "lbd_http2_upstream_connections_ended_total",
              "HTTP/2 connections to endpoints that ended, by reason.", "endpoint_left");
  add_total(out, workers, kSide, &Side::streams, "lbd_http2_upstream_streams_total",
            "Requests sent to endpoints in HTTP/2.");
  constexpr std::array kReasons{
      std::pair{"not_processed", &Side::not_processed}, std::pair{"endpoint", &Side::resets},
      std::pair{"malformed", &Side::malformed}, std::pair{"cancelled", &Side::cancelled}};
  add_reasons(out, workers, kSide, "lbd_http2_upstream_streams_lost_total",
              "HTTP/2 requests to endpoints that got no whole answer: not looked at by the "
              "endpoint, reset by it, answered with what is no answer, cancelled by lbd.",
              kReasons);
}

}  // namespace

void add_http2(Families& out, const Workers& workers) {
  add_clients(out, workers);
  add_endpoints(out, workers);
}

}  // namespace lb::telemetry

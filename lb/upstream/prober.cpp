#include "lb/upstream/prober.hpp"

#include "common/log.hpp"
#include "lb/health/probe_schedule.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/net/listener.hpp"
#include "lb/net/stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <utility>

namespace lb::upstream {
namespace {

using health::ProbeResult;
constexpr common::Log kLog{"lb.upstream"};

/// Octets of an answer that are looked at; its status and fields must fit, its content need not.
constexpr std::size_t kLargestAnswer = 8 * 1024;

/// Where a probe stands, so that its time limit can tear it down from outside.
struct Target {
  std::size_t index;  // within Prober::status()
  const CheckOptions* options;
  net::asio::ip::tcp::endpoint address;
  std::string request;
  health::ProbeSchedule schedule;
  net::Stream stream;
  net::Timer pause;
  net::Timer limit;
  bool late{false};
};

std::string request_of(const CheckOptions& options, const common::SocketAddress& address) {
  return "GET " + options.path +
         " HTTP/1.1\r\nHost: " + (options.host.empty() ? address.to_string() : options.host) +
         "\r\nUser-Agent: lbd-check\r\nConnection: close\r\n\r\n";
}

/// Nothing when it says nothing about the endpoint: we have no descriptor to ask with.
net::Awaitable<std::optional<ProbeResult>> ask(Target& target) {
  const auto failure = [&target](ProbeResult result) {
    return target.late ? ProbeResult::TimedOut : result;
  };
  auto& socket = target.stream.socket();
  auto [refused] = co_await socket.async_connect(target.address, net::kToken);
  if (net::is_exhaustion(refused)) co_return std::nullopt;
  if (refused || target.late) co_return failure(ProbeResult::Refused);
  const auto [cut, sent] =
      co_await net::asio::async_write(socket, net::asio::buffer(target.request), net::kToken);
  if (cut) co_return failure(ProbeResult::Broken);

  std::array<char, kLargestAnswer> memory;
  std::size_t size = 0;
  http1::ParsedResponse answer;
  const http1::Limits limits{.head = kLargestAnswer};
  while (size < memory.size()) {
    const auto [error, count] = co_await target.stream.read_some(std::span{memory}.subspan(size));
    if (error || target.late) co_return failure(ProbeResult::Broken);
    size += count;
    const auto parsed =
        http1::parse_response({memory.data(), size}, limits, http::Method::Get, answer);
    if (!parsed) co_return ProbeResult::Broken;
    if (*parsed == 0) continue;
    const auto status = answer.head.status;
    co_return status >= target.options->least_status&& status <= target.options->most_status
        ? ProbeResult::Passed
        : ProbeResult::WrongStatus;
  }
  co_return ProbeResult::Broken;
}

}  // namespace

struct Prober::Impl : std::enable_shared_from_this<Prober::Impl> {
  Impl(boost::asio::io_context& c, std::vector<UpstreamOptions> u, OnChange o)
      : context{c}, upstreams{std::move(u)}, on_change{std::move(o)} {}

  boost::asio::io_context& context;
  const std::vector<UpstreamOptions> upstreams;
  OnChange on_change;
  std::vector<Status> status;
  std::vector<std::unique_ptr<Target>> targets;
  bool stopped{false};

  void start() {
    std::random_device seed;
    const auto executor = context.get_executor();
    for (std::size_t u = 0; u < upstreams.size(); ++u) {
      const auto& options = upstreams[u];
      for (std::size_t e = 0; e < options.endpoints.size(); ++e) {
        status.push_back({u, e, health::EndpointHealth{options.check.hysteresis}});
        if (!options.check.enabled) continue;
        targets.push_back(std::make_unique<Target>(
            Target{status.size() - 1, &options.check, net::to_asio(options.endpoints[e]),
                   request_of(options.check, options.endpoints[e]),
                   health::ProbeSchedule{options.check.interval, seed()}, net::Stream{executor},
                   net::Timer{executor}, net::Timer{executor}}));
      }
    }
    for (const auto& target : targets)
      boost::asio::co_spawn(executor, watch(shared_from_this(), *target), boost::asio::detached);
  }

  /// Probes one endpoint for ever. `self` keeps the target alive.
  static net::Awaitable<> watch(std::shared_ptr<Impl> self, Target& target) {
    auto due = target.schedule.first(common::Clock::now());
    while (!self->stopped) {
      target.pause.expires_at(due);
      co_await target.pause.async_wait(net::kToken);
      if (self->stopped) co_return;
      const auto began = common::Clock::now();
      target.late = false;
      target.limit.expires_at(began + target.options->timeout);
      target.limit.async_wait([self, &target](boost::system::error_code aborted) {
        if (aborted) return;
        target.late = true;
        target.stream.close();
      });
      const auto result = co_await ask(target);
      target.limit.cancel();
      target.stream.close();
      if (self->stopped) co_return;
      if (result) self->on_result(target.index, *result);
      due = std::max(target.schedule.after(began), common::Clock::now());
    }
  }

  void on_result(std::size_t index, ProbeResult result) {
    auto& changed = status[index];
    if (!changed.health.on_probe(result, common::Clock::now())) return;
    const auto& upstream = upstreams[changed.upstream];
    const auto name = upstream.endpoints[changed.endpoint].to_string();
    if (changed.health.usable())
      kLog.info("endpoint is up", {{"upstream", upstream.name}, {"endpoint", name}});
    else
      kLog.warn(
          "endpoint is down",
          {{"upstream", upstream.name}, {"endpoint", name}, {"reason", health::to_string(result)}});
    on_change(changed);
  }

  void stop() {
    stopped = true;
    for (const auto& target : targets) {
      target->pause.cancel();
      target->limit.cancel();
      target->stream.close();
    }
  }
};

Prober::Prober(boost::asio::io_context& context, const std::vector<UpstreamOptions>& upstreams,
               OnChange on_change)
    : impl_{std::make_shared<Impl>(context, upstreams, std::move(on_change))} {
  impl_->start();
}

Prober::~Prober() { impl_->stop(); }
void Prober::stop() { impl_->stop(); }
const std::vector<Prober::Status>& Prober::status() const { return impl_->status; }

}  // namespace lb::upstream

#include "lb/upstream/prober.hpp"

#include "lb/health/probe_schedule.hpp"
#include "lb/upstream/check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <utility>

namespace lb::upstream {
namespace {

bool same(const CheckOptions& a, const CheckOptions& b) {
  return a.enabled == b.enabled && a.type == b.type && a.method == b.method && a.path == b.path &&
         a.host == b.host && a.port == b.port && a.statuses == b.statuses && a.body == b.body &&
         a.field_name == b.field_name && a.field == b.field && a.interval == b.interval &&
         a.fast_interval == b.fast_interval && a.timeout == b.timeout && a.header == b.header &&
         a.tls == b.tls && a.http2 == b.http2;
}

/// The checks of one endpoint.
struct Watch {
  std::string upstream;
  std::string name;
  net::asio::ip::tcp::endpoint address;
  std::shared_ptr<const CheckPlan> plan;
  health::ProbeSchedule schedule;
  net::Timer pause;
  common::TimePoint due{};
  common::TimePoint heard_of{};  // when the check began whose result counts by now
  std::vector<std::shared_ptr<Check>> under_way{};
  bool has_place{false};  // handed over by a check that has ended
  bool stopped{false};

  void stop() {
    stopped = true;
    pause.cancel();
    for (const auto& check : under_way) check->stop();
  }
};
using WatchPtr = std::shared_ptr<Watch>;

}  // namespace

struct Prober::Impl : std::enable_shared_from_this<Prober::Impl> {
  Impl(boost::asio::io_context& context, OnReport on)
      : executor{context.get_executor()}, on_report{std::move(on)} {}

  struct Group {
    std::shared_ptr<const CheckPlan> plan;
    std::vector<WatchPtr> watches;
  };

  /// Of checks that speak HTTP/2.
  LinkHome home() {
    return {.executor = executor, .input = buffers, .output = buffers, .owner = shared_from_this()};
  }

  net::Executor executor;
  net::BufferPool buffers{http2::EndpointSession::kLeastSpace};
  OnReport on_report;
  std::random_device seed;
  std::map<std::string, Group, std::less<>> groups;
  std::size_t under_way{0};
  std::deque<WatchPtr> waiting;  // for a place among kMostAtOnce; each endpoint once

  void follow(const UpstreamOptions& upstream, const RosterView& endpoints) {
    if (!upstream.check.enabled) return forget(upstream.name);
    auto& group = groups[upstream.name];
    if (!group.plan || !same(group.plan->options(), upstream.check))
      group.plan = std::make_shared<const CheckPlan>(upstream.check);
    auto before = std::exchange(group.watches, {});
    for (const auto& endpoint : endpoints) {
      const auto kept = std::find_if(before.begin(), before.end(), [&](const auto& watch) {
        return watch && watch->plan == group.plan && watch->name == endpoint.name &&
               watch->address == endpoint.address;
      });
      group.watches.push_back(kept == before.end() ? begin(upstream.name, endpoint, group.plan)
                                                   : std::exchange(*kept, nullptr));
    }
    for (const auto& watch : before)
      if (watch) watch->stop();
  }

  WatchPtr begin(const std::string& upstream, const EndpointState& endpoint,
                 const std::shared_ptr<const CheckPlan>& plan) {
    auto watch = std::make_shared<Watch>(
        Watch{.upstream = upstream,
              .name = endpoint.name,
              .address = endpoint.address,
              .plan = plan,
              .schedule = health::ProbeSchedule{plan->options().interval, seed()},
              .pause = net::Timer{executor}});
    watch->due = watch->schedule.first(common::Clock::now());
    boost::asio::co_spawn(executor, keep_time(shared_from_this(), watch), boost::asio::detached);
    return watch;
  }

  void forget(std::string_view upstream) {
    const auto group = groups.find(upstream);
    if (group == groups.end()) return;
    for (const auto& watch : group->second.watches) watch->stop();
    groups.erase(group);
  }

  /// Begins a check whenever one is due, whatever has become of those before.
  static net::Awaitable<> keep_time(std::shared_ptr<Impl> self, WatchPtr watch) {
    while (!watch->stopped) {
      if (common::Clock::now() < watch->due) {
        watch->pause.expires_at(watch->due);
        co_await watch->pause.async_wait(net::kToken);
        continue;
      }
      if (!std::exchange(watch->has_place, false) && !self->take_place()) {
        self->waiting.push_back(watch);
        while (!watch->stopped && !watch->has_place) {
          watch->pause.expires_at(common::TimePoint::max());
          co_await watch->pause.async_wait(net::kToken);
        }
        continue;
      }
      const auto now = common::Clock::now();
      watch->due = watch->schedule.after(now);
      if (watch->under_way.size() == kMostOverlapping) {
        self->give_place();
        continue;
      }
      auto check = std::make_shared<Check>(self->home(), watch->plan, watch->address);
      watch->under_way.push_back(check);
      boost::asio::co_spawn(self->executor, perform(self, watch, std::move(check), now),
                            boost::asio::detached);
    }
    if (watch->has_place) self->give_place();
  }

  static net::Awaitable<> perform(std::shared_ptr<Impl> self, WatchPtr watch,
                                  std::shared_ptr<Check> check, common::TimePoint began) {
    auto report = co_await check->run();
    std::erase(watch->under_way, check);
    self->give_place();
    // A later check has been answered already: this one is old news.
    if (!report || watch->stopped || began < watch->heard_of) co_return;
    watch->heard_of = began;
    const auto fast = watch->plan->options().fast_interval;
    const bool wavering = self->on_report(watch->upstream, watch->name, std::move(*report));
    if (!wavering || fast.count() == 0 || watch->stopped) co_return;
    watch->due = std::min(watch->due, began + fast);
    watch->pause.expires_at(watch->due);
  }

  bool take_place() {
    if (under_way == kMostAtOnce) return false;
    ++under_way;
    return true;
  }

  void give_place() {
    while (!waiting.empty()) {
      const auto next = std::move(waiting.front());
      waiting.pop_front();
      if (next->stopped) continue;
      next->has_place = true;
      next->pause.cancel();
      return;
    }
    --under_way;
  }

  void stop() {
    for (const auto& [name, group] : groups)
      for (const auto& watch : group.watches) watch->stop();
    groups.clear();
    waiting.clear();
  }
};

Prober::Prober(boost::asio::io_context& context, OnReport on_report)
    : impl_{std::make_shared<Impl>(context, std::move(on_report))} {}

Prober::~Prober() { impl_->stop(); }
void Prober::follow(const UpstreamOptions& upstream, const RosterView& endpoints) {
  impl_->follow(upstream, endpoints);
}
void Prober::forget(std::string_view upstream) { impl_->forget(upstream); }
void Prober::stop() { impl_->stop(); }

}  // namespace lb::upstream

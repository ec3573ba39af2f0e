#pragma once

#include "lb/telemetry/counters.hpp"

#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::telemetry {

/// What one worker counts of the requests of one route on one listener. Memory for the statuses of
/// a method comes with the first of them, a hundred at a time: most are never seen.
class HttpCounters {
 public:
  static constexpr std::size_t kMethods = 10;  // known ones; the others share place 0

  HttpCounters() = default;
  ~HttpCounters();
  HttpCounters(const HttpCounters&) = delete;
  HttpCounters& operator=(const HttpCounters&) = delete;

  /// By the owning worker only. A status that is none (below 100 or above 599) is not counted.
  void add(std::size_t method, unsigned status, common::Duration duration);
  /// An answer whose duration means nothing: the request had not begun.
  void add(std::size_t method, unsigned status);

  const DurationHistogram& durations() const { return durations_; }
  /// From any thread: `visit(method, status, count)` for what is not 0.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t method = 0; method < kMethods; ++method)
      for (std::size_t hundred = 0; hundred < kHundreds; ++hundred) {
        const auto* block = blocks_[method][hundred].load(std::memory_order_acquire);
        for (std::size_t i = 0; block != nullptr && i < block->size(); ++i)
          if (const auto count = (*block)[i].value())
            visit(method, static_cast<unsigned>((hundred + 1) * 100 + i), count);
      }
  }

 private:
  static constexpr std::size_t kHundreds = 5;
  using Block = std::array<Count, 100>;
  std::array<std::array<std::atomic<Block*>, kHundreds>, kMethods> blocks_{};
  DurationHistogram durations_;
};

/// The series of one route on one listener, of all workers.
class HttpSeries {
 public:
  HttpSeries(std::string listener, std::string route, std::size_t workers)
      : listener_{std::move(listener)}, route_{std::move(route)}, slots_(workers) {}
  ~HttpSeries();

  const std::string& listener() const { return listener_; }
  const std::string& route() const { return route_; }
  /// Called by that worker only.
  HttpCounters& of(std::size_t worker);
  /// From any thread; null where nothing was counted yet.
  const HttpCounters* look(std::size_t worker) const {
    return slots_[worker].counters.load(std::memory_order_acquire);
  }

 private:
  struct alignas(kCacheLine) Slot {
    std::atomic<HttpCounters*> counters{nullptr};
  };
  std::string listener_;
  std::string route_;
  std::vector<Slot> slots_;
};

/// One upstream of all workers.
struct UpstreamSeries {
  UpstreamSeries(std::string n, std::size_t workers) : name{std::move(n)}, by_worker(workers) {}
  std::string name;
  std::vector<UpstreamCounters> by_worker;  // each written by its worker only
};

/// A listener for the life of the process, whatever its place in the configuration becomes.
using ListenerId = std::uint32_t;

/// The series of one configuration. Never changes; what is counted in it does.
class Series {
 public:
  static constexpr std::size_t kNoRoute = std::numeric_limits<std::size_t>::max();

  /// `route`: its place in the configuration, or kNoRoute. A listener that this configuration does
  /// not know any more counts as "none".
  HttpSeries& http(ListenerId listener, std::size_t route) const {
    std::size_t row = 0;
    while (row < listeners_.size() && listeners_[row] != listener) ++row;
    return *http_[row * (routes_ + 1) + (route < routes_ ? route : routes_)];
  }
  UpstreamSeries& upstream(std::size_t place) const { return *upstreams_[place]; }
  /// What `http` calls a listener of this name. One that is not configured counts as "none".
  ListenerId listener(std::string_view name) const;

  std::span<const std::shared_ptr<HttpSeries>> all_http() const { return http_; }
  std::span<const std::shared_ptr<UpstreamSeries>> all_upstreams() const { return upstreams_; }

 private:
  friend class SeriesRegistry;
  std::vector<ListenerId> listeners_;  // in the order of the configuration
  std::vector<std::string> names_;     // theirs
  std::size_t routes_{0};
  std::vector<std::shared_ptr<HttpSeries>> http_;  // a row for each listener, the last for none
  std::vector<std::shared_ptr<UpstreamSeries>> upstreams_;
};

/// Which series there are: a reload keeps those whose names stay, so that they never count
/// backwards, and lets the others go. Of the control thread only.
class SeriesRegistry {
 public:
  explicit SeriesRegistry(std::size_t workers) : workers_{workers} {}

  /// The names of a configuration, in its order; no two listeners and no two upstreams share one.
  /// Routes that do are counted together.
  struct Names {
    std::vector<std::string> listeners;
    std::vector<std::string> routes;
    std::vector<std::string> upstreams;
  };
  std::shared_ptr<const Series> install(const Names& names);
  /// What was installed last.
  const std::shared_ptr<const Series>& current() const { return current_; }

 private:
  std::size_t workers_;
  ListenerId next_id_{0};
  std::map<std::string, ListenerId> ids_;
  std::shared_ptr<const Series> current_{std::make_shared<Series>()};
};

}  // namespace lb::telemetry

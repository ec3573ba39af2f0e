#include "lb/telemetry/series.hpp"

#include <algorithm>
#include <utility>

namespace lb::telemetry {
namespace {

constexpr const char* kNone = "none";
constexpr auto kNobody = std::numeric_limits<ListenerId>::max();

}  // namespace

HttpCounters::~HttpCounters() {
  for (auto& method : blocks_)
    for (auto& block : method) delete block.load();
}

void HttpCounters::add(std::size_t method, unsigned status) {
  const std::size_t hundred = status / 100 - 1;
  if (hundred >= kHundreds) return;
  auto& place = blocks_[method < kMethods ? method : 0][hundred];
  auto* block = place.load(std::memory_order_relaxed);
  if (block == nullptr) {
    block = new Block{};
    place.store(block, std::memory_order_release);
  }
  (*block)[status % 100].add();
}

void HttpCounters::add(std::size_t method, unsigned status, common::Duration duration) {
  add(method, status);
  durations_.add(duration);
}

HttpSeries::~HttpSeries() {
  for (auto& slot : slots_) delete slot.counters.load();
}

HttpCounters& HttpSeries::of(std::size_t worker) {
  auto& place = slots_[worker].counters;
  auto* counters = place.load(std::memory_order_relaxed);
  if (counters == nullptr) {
    counters = new HttpCounters;
    place.store(counters, std::memory_order_release);
  }
  return *counters;
}

ListenerId Series::listener(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found != names_.end() ? listeners_[static_cast<std::size_t>(found - names_.begin())]
                               : kNobody;
}

std::shared_ptr<const Series> SeriesRegistry::install(const Names& names) {
  std::map<std::pair<std::string, std::string>, std::shared_ptr<HttpSeries>> http;
  for (const auto& series : current_->http_) http[{series->listener(), series->route()}] = series;
  std::map<std::string, std::shared_ptr<UpstreamSeries>> upstreams;
  for (const auto& series : current_->upstreams_) upstreams[series->name] = series;

  auto next = std::make_shared<Series>();
  std::map<std::string, ListenerId> ids;
  for (const auto& name : names.listeners) {
    const auto known = ids_.find(name);
    ids[name] = known != ids_.end() ? known->second : next_id_++;
    next->listeners_.push_back(ids[name]);
  }
  ids_ = std::move(ids);
  next->names_ = names.listeners;

  next->routes_ = names.routes.size();
  const auto add_row = [&](const std::string& listener) {
    for (std::size_t i = 0; i <= names.routes.size(); ++i) {
      const std::string route = i < names.routes.size() ? names.routes[i] : kNone;
      auto& series = http[{listener, route}];
      if (!series) series = std::make_shared<HttpSeries>(listener, route, workers_);
      next->http_.push_back(series);
    }
  };
  for (const auto& name : names.listeners) add_row(name);
  add_row(kNone);

  for (const auto& name : names.upstreams) {
    auto& series = upstreams[name];
    if (!series) series = std::make_shared<UpstreamSeries>(name, workers_);
    next->upstreams_.push_back(series);
  }
  current_ = std::move(next);
  return current_;
}

}  // namespace lb::telemetry

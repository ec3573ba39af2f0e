#pragma once

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

namespace common {

/// What a daemon tells Prometheus: counters kept in `registry()`, and collectables that are asked
/// on every scrape (for numbers that threads keep to themselves and that are summed only then).
class Metrics {
 public:
  prometheus::Registry& registry() { return *registry_; }
  void add(std::weak_ptr<prometheus::Collectable> source) { sources_.push_back(std::move(source)); }

  /// The text exposition format 0.0.4.
  std::string text() const;
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::shared_ptr<prometheus::Registry> registry_{std::make_shared<prometheus::Registry>()};
  std::vector<std::weak_ptr<prometheus::Collectable>> sources_;
};

}  // namespace common

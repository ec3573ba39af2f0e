#pragma once

#include "lb/telemetry/counters.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::telemetry {

using Label = std::pair<const char*, std::string_view>;
using Labels = std::vector<Label>;

/// Buckets of one histogram of many workers.
class HistogramSum {
 public:
  void add(const DurationHistogram& more);
  std::uint64_t count() const;
  double seconds() const { return static_cast<double>(sum_us_) / 1e6; }
  const std::array<std::uint64_t, kDurationBounds.size() + 1>& buckets() const { return buckets_; }

 private:
  std::array<std::uint64_t, kDurationBounds.size() + 1> buckets_{};
  std::uint64_t sum_us_{0};
};

/// One metric and its samples.
class Family {
 public:
  using Type = prometheus::MetricType;

  Family(std::string name, std::string help, Type type)
      : family_{std::move(name), std::move(help), type, {}} {}

  void add(double value, const Labels& labels = {});
  void add(std::uint64_t value, const Labels& labels = {}) {
    add(static_cast<double>(value), labels);
  }
  void add(const HistogramSum& histogram, const Labels& labels = {});
  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::ClientMetric& append(const Labels& labels);
  prometheus::MetricFamily family_;
};

}  // namespace lb::telemetry

#include "lb/telemetry/families.hpp"

#include <limits>
#include <numeric>

namespace lb::telemetry {

void HistogramSum::add(const DurationHistogram& more) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += more.buckets[i].value();
  sum_us_ += more.sum_us.value();
}

std::uint64_t HistogramSum::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
}

prometheus::ClientMetric& Family::append(const Labels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, std::string{value}});
  family_.metric.push_back(std::move(metric));
  return family_.metric.back();
}

void Family::add(double value, const Labels& labels) {
  auto& metric = append(labels);
  if (family_.type == Type::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
}

void Family::add(const HistogramSum& histogram, const Labels& labels) {
  auto& out = append(labels).histogram;
  for (std::size_t i = 0; i < histogram.buckets().size(); ++i) {
    out.sample_count += histogram.buckets()[i];
    const double bound = i < kDurationBounds.size()
                             ? std::chrono::duration<double>(kDurationBounds[i]).count()
                             : std::numeric_limits<double>::infinity();
    out.bucket.push_back({out.sample_count, bound});
  }
  out.sample_sum = histogram.seconds();
}

}  // namespace lb::telemetry

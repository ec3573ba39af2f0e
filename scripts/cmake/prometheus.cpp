// What the library of prometheus-cpp 1.0 has beside its headers, as far as we use it: counters,
// gauges and histograms in a registry, and the text format. The distribution has no archive of it.
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace prometheus {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  return fmt::format("{:.16g}", value);  // counts and times stand in full
}

/// Text exposition format 0.0.4: of a label's value `\`, `"` and the line feed.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

const char* name_of(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Histogram:
      return "histogram";
    default:
      throw std::logic_error{"we have no metrics of this type"};
  }
}

/// A line; `bound` is the upper one of a histogram's bucket, or empty.
void add_line(std::string& out, std::string_view name, const ClientMetric& metric,
              const std::string& bound, const std::string& value) {
  std::string labels;
  for (const auto& label : metric.label)
    labels +=
        fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", label.name, escaped(label.value));
  if (!bound.empty()) labels += fmt::format("{}le=\"{}\"", labels.empty() ? "" : ",", bound);
  out += name;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value;
  if (metric.timestamp_ms != 0) out += ' ' + std::to_string(metric.timestamp_ms);
  out += '\n';
}

void add_histogram(std::string& out, const std::string& name, const ClientMetric& metric) {
  const auto& found = metric.histogram;
  const auto count = std::to_string(found.sample_count);
  add_line(out, name + "_count", metric, {}, count);
  add_line(out, name + "_sum", metric, {}, number(found.sample_sum));
  for (const auto& bucket : found.bucket)
    add_line(out, name + "_bucket", metric, number(bucket.upper_bound),
             std::to_string(bucket.cumulative_count));
  if (found.bucket.empty() || !std::isinf(found.bucket.back().upper_bound))
    add_line(out, name + "_bucket", metric, number(kInfinity), count);
}

void add_metric(std::string& out, const MetricFamily& family, const ClientMetric& metric) {
  if (family.type == MetricType::Histogram)
    add_histogram(out, family.name, metric);
  else
    add_line(
        out, family.name, metric, {},
        number(family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value));
}

}  // namespace

std::string Serializer::Serialize(const std::vector<MetricFamily>& metrics) const {
  std::ostringstream out;
  Serialize(out, metrics);
  return std::move(out).str();
}

void TextSerializer::Serialize(std::ostream& out, const std::vector<MetricFamily>& metrics) const {
  std::string text;
  for (const auto& family : metrics) {
    if (!family.help.empty()) text += fmt::format("# HELP {} {}\n", family.name, family.help);
    text += fmt::format("# TYPE {} {}\n", family.name, name_of(family.type));
    for (const auto& metric : family.metric) add_metric(text, family, metric);
  }
  out << text;
}

Gauge::Gauge(double value) : value_{value} {}
void Gauge::Set(double value) { value_ = value; }
void Gauge::Increment(double value) { value_ += value; }
double Gauge::Value() const { return value_; }

ClientMetric Gauge::Collect() const {
  ClientMetric out;
  out.gauge.value = Value();
  return out;
}

void Counter::Increment() { gauge_.Increment(1); }
double Counter::Value() const { return gauge_.Value(); }

ClientMetric Counter::Collect() const {
  ClientMetric out;
  out.counter.value = Value();
  return out;
}

Histogram::Histogram(const BucketBoundaries& buckets)
    : bucket_boundaries_{buckets}, bucket_counts_(buckets.size() + 1), sum_{0} {}

void Histogram::Observe(double value) {
  // A boundary belongs to the bucket below it.
  const auto at = std::ranges::lower_bound(bucket_boundaries_, value);
  const std::lock_guard lock{mutex_};
  bucket_counts_[static_cast<std::size_t>(at - bucket_boundaries_.begin())].Increment();
  sum_.Increment(value);
}

ClientMetric Histogram::Collect() const {
  const std::lock_guard lock{mutex_};
  ClientMetric out;
  auto& histogram = out.histogram;
  for (std::size_t i = 0; i < bucket_counts_.size(); ++i) {
    histogram.sample_count += static_cast<std::uint64_t>(bucket_counts_[i].Value());
    histogram.bucket.push_back({histogram.sample_count,
                                i < bucket_boundaries_.size() ? bucket_boundaries_[i] : kInfinity});
  }
  histogram.sample_sum = sum_.Value();
  return out;
}

template <typename T>
Family<T>::Family(const std::string& name, const std::string& help, const Labels& constant_labels)
    : name_{name}, help_{help}, constant_labels_{constant_labels} {}

template <typename T>
T& Family<T>::Add(const Labels& labels, std::unique_ptr<T> object) {
  const std::lock_guard lock{mutex_};
  return *metrics_.try_emplace(labels, std::move(object)).first->second;
}

template <typename T>
const std::string& Family<T>::GetName() const {
  return name_;
}

template <typename T>
std::vector<MetricFamily> Family<T>::Collect() const {
  const std::lock_guard lock{mutex_};
  if (metrics_.empty()) return {};
  MetricFamily out{name_, help_, T::metric_type, {}};
  for (const auto& [labels, metric] : metrics_) {
    auto& collected = out.metric.emplace_back(metric->Collect());
    for (const auto& [name, value] : labels) collected.label.push_back({name, value});
  }
  return {std::move(out)};
}

/// A registry has a place for summaries; nobody makes one.
template <>
std::vector<MetricFamily> Family<Summary>::Collect() const {
  return {};
}

std::size_t detail::LabelHasher::operator()(const Labels& labels) const {
  std::string all;
  for (const auto& [name, value] : labels) all += name + '\0' + value + '\0';
  return std::hash<std::string>{}(all);
}

Registry::Registry(InsertBehavior insert_behavior) : insert_behavior_{insert_behavior} {}
Registry::~Registry() = default;

std::vector<MetricFamily> Registry::Collect() const {
  const std::lock_guard lock{mutex_};
  std::vector<MetricFamily> out;
  const auto collect = [&out](const auto& families) {
    for (const auto& family : families)
      std::ranges::move(family->Collect(), std::back_inserter(out));
  };
  collect(counters_);
  collect(gauges_);
  collect(histograms_);
  return out;
}

template <>
std::vector<std::unique_ptr<Family<Counter>>>& Registry::GetFamilies() {
  return counters_;
}
template <>
std::vector<std::unique_ptr<Family<Gauge>>>& Registry::GetFamilies() {
  return gauges_;
}
template <>
std::vector<std::unique_ptr<Family<Histogram>>>& Registry::GetFamilies() {
  return histograms_;
}

template <typename T>
Family<T>& Registry::Add(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock{mutex_};
  auto& families = GetFamilies<T>();
  const auto found = std::ranges::find(families, name, &Family<T>::GetName);
  return found != families.end()
             ? **found
             : *families.emplace_back(std::make_unique<Family<T>>(name, help, labels));
}

namespace detail {

template <typename T>
Builder<T>& Builder<T>::Name(const std::string& name) {
  name_ = name;
  return *this;
}

template <typename T>
Builder<T>& Builder<T>::Help(const std::string& help) {
  help_ = help;
  return *this;
}

template <typename T>
Family<T>& Builder<T>::Register(Registry& registry) {
  return registry.Add<T>(name_, help_, labels_);
}

template class Builder<Counter>;
template class Builder<Gauge>;
template class Builder<Histogram>;

}  // namespace detail

detail::Builder<Counter> BuildCounter() { return {}; }
detail::Builder<Gauge> BuildGauge() { return {}; }
detail::Builder<Histogram> BuildHistogram() { return {}; }

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

}  // namespace prometheus

#include "scripts/strobe/measure/summary.hpp"

#include <fmt/format.h>

namespace strobe::measure {

namespace {

double milliseconds(common::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Summary::Summary(Schedule schedule, common::Duration threshold, common::Duration every)
    : schedule_{schedule}, threshold_{threshold} {
  if (every > common::Duration{0}) timeline_.emplace(schedule, every);
}

void Summary::add(const Record& record) {
  ++requests_;
  attempts_ += record.attempts;
  ++by_failure_.at(static_cast<std::size_t>(record.failure));
  const bool answered = record.failure == Failure::None;
  if (answered) latencies_.add(record.latency);
  if (timeline_) timeline_->add(record);
  gaps_.record(record.n, answered && record.latency <= threshold_);
}

std::uint64_t Summary::failed() const {
  return requests_ - by_failure_[static_cast<std::size_t>(Failure::None)];
}

std::string Summary::to_json(double start_ms) const {
  std::string classes;
  for (std::size_t i = 1; i < kFailures; ++i) {
    if (by_failure_[i] > 0)
      classes += fmt::format("{}\"{}\":{}", classes.empty() ? "" : ",",
                             name(static_cast<Failure>(i)), by_failure_[i]);
  }
  std::string more = handshakes_.any() ? R"(,"tls":)" + handshakes_.to_json() : "";
  if (timeline_) more += R"(,"timeline":)" + timeline_->to_json(start_ms);
  const Gap gap = longest_gap();
  const auto percentile = [this](double percent) {
    return milliseconds(latencies_.percentile(percent));
  };
  return fmt::format(
      R"({{"requests":{},"attempts":{},"failed":{},"failed_by_class":{{{}}},)"
      R"("latency_ms":{{"p50":{:.3f},"p90":{:.3f},"p99":{:.3f},"p99.9":{:.3f},"max":{:.3f}}},)"
      R"("longest_gap":{{"begin":{:.3f},"ms":{:.3f},"requests":{},"ended":{},"threshold_ms":{:.3f}}}{}}})",
      requests_, attempts_, failed(), classes, percentile(50), percentile(90), percentile(99),
      percentile(99.9), milliseconds(latencies_.max()), start_ms + milliseconds(gap.begin),
      milliseconds(gap.length), gap.requests, gap.ended, milliseconds(threshold_), more);
}

}  // namespace strobe::measure

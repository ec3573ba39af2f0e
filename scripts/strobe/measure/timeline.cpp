#include "scripts/strobe/measure/timeline.hpp"

#include "common/contract.hpp"

#include <fmt/format.h>

namespace strobe::measure {

namespace {

double milliseconds(common::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Timeline::Timeline(Schedule schedule, common::Duration every) : schedule_{schedule}, every_{every} {
  common::expects(every > common::Duration{0}, "a point of a timeline has a length");
}

void Timeline::add(const Record& record) {
  const auto at = static_cast<std::size_t>(schedule_.offset(record.n) / every_);
  common::expects(at < kMostPoints, "a timeline is bounded when the options are read");
  if (at >= points_.size()) points_.resize(at + 1);
  if (record.failure == Failure::None)
    points_[at].answered.add(record.latency);
  else
    ++points_[at].failed;
}

std::string Timeline::to_json(double start_ms) const {
  std::string points;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const auto& [failed, answered] = points_[i];
    points += fmt::format(
        R"({}{{"ms":{:.3f},"requests":{},"failed":{},"p50":{:.3f},"p99":{:.3f}}})",
        i == 0 ? "" : ",", milliseconds(every_) * static_cast<double>(i), answered.count() + failed,
        failed, milliseconds(answered.percentile(50)), milliseconds(answered.percentile(99)));
  }
  return fmt::format(R"({{"begin":{:.3f},"every_ms":{:.3f},"points":[{}]}})", start_ms,
                     milliseconds(every_), points);
}

}  // namespace strobe::measure

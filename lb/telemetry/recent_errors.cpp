#include "lb/telemetry/recent_errors.hpp"

namespace lb::telemetry {
namespace {

constexpr std::size_t kLongest = 160;  // octets of a value a stranger chose

std::string cut(std::string_view text) { return std::string{text.substr(0, kLongest)}; }

}  // namespace

void RecentErrors::add(const AccessRecord& record, common::WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::lock_guard lock{mutex_};
  if (second != second_) {
    second_ = second;
    of_this_second_ = 0;
  }
  if (++of_this_second_ > kMostASecond) return;
  errors_.push_front({.at = now,
                      .status = record.status,
                      .error = cut(record.error),
                      .method = cut(record.method),
                      .host = cut(record.host),
                      .path = cut(record.target.substr(0, record.target.find('?'))),
                      .upstream = cut(record.upstream),
                      .endpoint = cut(record.endpoint),
                      .client = record.client.to_string(),
                      .request_id = cut(record.request_id),
                      .duration = record.duration});
  if (errors_.size() > kKept) errors_.pop_back();
}

std::vector<RecentErrors::Error> RecentErrors::list() const {
  const std::lock_guard lock{mutex_};
  return {errors_.begin(), errors_.end()};
}

}  // namespace lb::telemetry

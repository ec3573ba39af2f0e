#include "lb/telemetry/access_log.hpp"

#include "lb/telemetry/access_log_writer.hpp"

#include <utility>

namespace lb::telemetry {

AccessLog::AccessLog(std::shared_ptr<AccessLogWriter> writer, const AccessLogOptions& options,
                     std::shared_ptr<WorkerCounters> counters, std::uint64_t seed)
    : writer_{std::move(writer)},
      options_{options},
      counters_{std::move(counters)},
      random_{seed | 1U} {}

AccessLog::~AccessLog() { finish(); }

AccessLog& AccessLog::operator=(AccessLog&& other) noexcept {
  finish();
  writer_ = std::move(other.writer_);
  options_ = std::move(other.options_);
  counters_ = std::move(other.counters_);
  random_ = other.random_;
  lines_ = std::move(other.lines_);
  count_ = std::exchange(other.count_, 0);
  return *this;
}

/// xorshift64: good enough to choose what is told.
bool AccessLog::is_wanted(const AccessRecord& record) {
  if (options_.sample >= 1.0 || is_always_told(record, options_)) return true;
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  constexpr auto kScale = 1.0 / static_cast<double>(std::uint64_t{1} << 53U);
  return static_cast<double>(random_ >> 11U) * kScale < options_.sample;
}

void AccessLog::add(const AccessRecord& record) {
  if (!writer_ || !is_wanted(record)) return;
  if (lines_.size() >= kMostHeld) {
    counters_->access_log_dropped.add();
    return;
  }
  append_access_line(lines_, record, clock_.text(common::wall_now()));
  ++count_;
  if (lines_.size() >= kHandOverAt) flush();
}

/// The last word to this writer: what it does not take is gone.
void AccessLog::finish() {
  if (!writer_ || count_ == 0) return;
  AccessLogWriter::Chunk chunk{std::move(lines_), count_};
  if (!writer_->offer_last(chunk)) counters_->access_log_dropped.add(chunk.count);
  count_ = 0;
}

void AccessLog::flush() {
  if (!writer_ || count_ == 0) return;
  AccessLogWriter::Chunk chunk{std::move(lines_), count_};
  if (writer_->offer(chunk)) {
    lines_ = {};
    lines_.reserve(kHandOverAt + kHandOverAt / 8);
    count_ = 0;
  } else {
    lines_ = std::move(chunk.lines);
  }
}

}  // namespace lb::telemetry

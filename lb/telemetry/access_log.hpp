#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "lb/telemetry/counters.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lb::telemetry {

class AccessLogWriter;

struct AccessLogOptions {
  bool enabled{true};
  std::string file;                       // empty: standard output
  double sample{1.0};                     // share of the requests that went well and were not slow
  std::chrono::milliseconds slow{1'000};  // from here on a request is always told
  bool query{true};                       // of the target; what it says may be personal
  bool user_agent{false};
  bool referer{false};

  bool operator==(const AccessLogOptions&) const = default;
};

/// One exchange, told when it has ended.
struct AccessRecord {
  common::IpAddress client{};
  std::string_view listener{};
  std::string_view version{"1.1"};  // of HTTP; a literal
  std::string_view method{};
  std::string_view host{};
  std::string_view target{};
  unsigned status{0};
  std::uint64_t received_bytes{0};  // content of the request
  std::uint64_t sent_bytes{0};      // to the client, head included
  common::Duration duration{};
  common::Duration queueing{};          // for a place at an endpoint
  common::Duration connecting{};        // to the last endpoint; zero when a connection was warm
  common::Duration until_first_byte{};  // of the answer; zero when there was none
  std::string_view route{};
  std::string_view upstream{};
  std::string_view endpoint{};
  unsigned retries{0};
  std::string_view request_id{};
  std::string_view trace_id{};  // hexadecimal; empty when there is none
  std::string_view user_agent{};
  std::string_view referer{};
  std::string_view error{};  // a reason's label; empty when all went well
};

/// Appends one line of JSON. What a stranger chose is escaped and cut at `kLongestField` octets.
inline constexpr std::size_t kLongestField = 512;
void append_access_line(std::string& out, const AccessRecord& record, std::string_view time);

/// The clock of the log, as text of RFC 3339 in UTC with microseconds. Second by second the same
/// text but for its end.
class LogClock {
 public:
  std::string_view text(common::WallTime now);

 private:
  std::chrono::sys_seconds second_{std::chrono::sys_seconds::min()};
  std::string text_;
};

/// Lines of one worker, gathered and handed over many at a time. Never waits for the disk.
class AccessLog {
 public:
  static constexpr std::size_t kHandOverAt = 32 * 1024;  // octets
  static constexpr std::size_t kMostHeld = 128 * 1024;   // octets that wait for the writer's ear

  /// Off.
  AccessLog() = default;
  /// `seed`: for the sample. A null `writer` is off, too.
  AccessLog(std::shared_ptr<AccessLogWriter> writer, const AccessLogOptions& options,
            std::shared_ptr<WorkerCounters> counters, std::uint64_t seed);
  ~AccessLog();
  AccessLog(AccessLog&&) = default;
  AccessLog& operator=(AccessLog&& other) noexcept;

  bool enabled() const { return writer_ != nullptr; }
  const AccessLogOptions& options() const { return options_; }
  void add(const AccessRecord& record);
  /// Hands over what was gathered; call about every second.
  void flush();

 private:
  bool is_wanted(const AccessRecord& record);
  void finish();

  std::shared_ptr<AccessLogWriter> writer_;
  AccessLogOptions options_;
  std::shared_ptr<WorkerCounters> counters_;
  std::uint64_t random_{1};
  LogClock clock_;
  std::string lines_;
  std::size_t count_{0};  // of lines in `lines_`
};

/// Whether a request is told whatever the sample: it failed, was refused or took long.
bool is_always_told(const AccessRecord& record, const AccessLogOptions& options);

}  // namespace lb::telemetry

#pragma once

#include "common/address.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace lb::telemetry {

struct AccessLogOptions {
  bool enabled{true};
  std::string file;  // empty: standard output
};

/// One exchange, told when it has ended.
struct AccessRecord {
  common::IpAddress client{};
  std::string_view method{};
  std::string_view host{};
  std::string_view target{};
  unsigned status{0};
  std::uint64_t received_bytes{0};  // content of the request
  std::uint64_t sent_bytes{0};      // to the client, head included
  common::Duration duration{};
  common::Duration until_first_byte{};  // of the answer; zero when there was none
  std::string_view upstream{};
  std::string_view endpoint{};
  unsigned retries{0};
  std::string_view request_id{};
  std::string_view error{};  // a reason's label; empty when all went well
};

/// JSON lines of one worker, gathered and written many at a time.
class AccessLog {
 public:
  static constexpr std::size_t kFlushAt = 32 * 1024;  // octets
  static constexpr std::size_t kLongestField = 512;   // octets of a value a stranger chose

  /// Throws std::system_error when the file cannot be opened.
  explicit AccessLog(const AccessLogOptions& options);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  bool enabled() const { return descriptor_ >= 0; }
  void add(const AccessRecord& record);
  /// Writes what was gathered; call about every second. What cannot be written is dropped.
  void flush();

 private:
  int descriptor_{-1};
  bool owned_{false};
  std::string lines_;
};

}  // namespace lb::telemetry

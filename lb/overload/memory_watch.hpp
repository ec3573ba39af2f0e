#pragma once

#include "common/time.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lb::overload {

/// Resident memory of this process, looked at now and then by whichever worker comes first.
class MemoryWatch {
 public:
  static constexpr auto kInterval = std::chrono::milliseconds{50};

  MemoryWatch();
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// Octets, about `kInterval` old at most; 0 when the system does not tell. From any thread.
  std::uint64_t resident(common::TimePoint now);

 private:
  int descriptor_;  // of /proc/self/statm, kept: later there may be none to open it with
  std::atomic<common::Duration::rep> next_{0};
  std::atomic<std::uint64_t> resident_{0};
};

/// Content of a file, "" when it cannot be read.
using FileText = std::function<std::string(const std::string& path)>;

/// What the control group of this process may use, in octets; nothing when it has no limit.
std::optional<std::uint64_t> control_group_memory(const FileText& read);
std::optional<std::uint64_t> control_group_memory();

}  // namespace lb::overload

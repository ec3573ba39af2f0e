#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vrrp::privileges {

/// How the protocol's thread is to be run. All of it is off unless asked for.
struct SchedulingOptions {
  std::uint8_t realtime{0};  // priority of SCHED_FIFO, 1 to 99; 0: as everybody
  bool lock_memory{false};   // no page of ours waits for a disk
  std::optional<std::uint16_t> cpu{};

  bool operator==(const SchedulingOptions&) const = default;
};

/// Before `drop_capabilities`, after the helper was made. What the kernel refused, a sentence each.
std::vector<std::string> schedule(const SchedulingOptions& options);

/// Keeps at most CAP_NET_ADMIN and CAP_NET_RAW, also for a binary that replaces this one, and
/// nothing executed later gains anything (no_new_privs). The sentence when it cannot be.
std::optional<std::string> drop_capabilities();

/// What of the two capabilities is missing: `CAP_NET_ADMIN`, `CAP_NET_RAW`.
std::vector<std::string> missing_capabilities();

}  // namespace vrrp::privileges

#pragma once

#include "common/address.hpp"
#include "common/hysteresis.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vrrp::tracking {

/// What a failing track does to the router.
enum class OnFailure {
  Release,        // not fit: the addresses are given away
  LowerPriority,  // by `lower_by`: given away only to somebody better
};

/// `GET path` is answered 200.
struct HttpTarget {
  common::SocketAddress address;
  std::string path{"/readyz"};
  bool watch{false};  // also hold `path`/watch open: its word counts at once
  bool operator==(const HttpTarget&) const = default;
};
/// A TCP connection can be made.
struct TcpTarget {
  common::SocketAddress address;
  bool operator==(const TcpTarget&) const = default;
};
/// The interface is there, up, and has a carrier. Told by the kernel, not asked for.
struct InterfaceTarget {
  std::string name;
  bool operator==(const InterfaceTarget&) const = default;
};
/// A process lives. Its end is told by the kernel; its coming is looked for every interval.
struct ProcessTarget {
  std::string name;      // as in /proc/PID/comm; or
  std::string pid_file;  // a file with its number
  bool operator==(const ProcessTarget&) const = default;
};
/// A program ends with status 0. No shell is between.
struct ScriptTarget {
  std::vector<std::string> run;  // absolute path and arguments
  bool operator==(const ScriptTarget&) const = default;
};
/// A file holds a whole number, which is added to the priority; -254 or less: not fit.
struct FileTarget {
  std::string path;
  bool operator==(const FileTarget&) const = default;
};
/// A host, such as the gateway, answers an ICMP echo request.
struct HostTarget {
  common::IpAddress address;
  bool operator==(const HostTarget&) const = default;
};

using Target = std::variant<HttpTarget, TcpTarget, InterfaceTarget, ProcessTarget, ScriptTarget,
                            FileTarget, HostTarget>;

struct TrackOptions {
  std::string name;
  Target target{};
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds timeout{1000};
  common::Hysteresis::Options hysteresis{};
  OnFailure on_failure{OnFailure::Release};
  std::uint8_t lower_by{50};

  bool operator==(const TrackOptions&) const = default;
};

}  // namespace vrrp::tracking

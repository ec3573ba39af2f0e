#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace vrrp::programs {

struct Program {
  std::vector<std::string> run;          // absolute path, then arguments
  std::vector<std::string> environment;  // `NAME=value`, all it gets beside PATH
  std::chrono::milliseconds timeout{5000};
  std::string input{};  // what it finds on standard input

  bool operator==(const Program&) const = default;
};

inline constexpr std::size_t kMostOutput = 1024;  // octets kept of standard output and error

enum class How : int {
  Exited,      // `status` is its exit status
  Signalled,   // `status` is the signal
  TimedOut,    // killed with all its group
  NotStarted,  // `output` says why
};
struct Ended {
  How how{How::NotStarted};
  int status{0};
  std::string output{};

  bool operator==(const Ended&) const = default;
};

}  // namespace vrrp::programs

#pragma once

#include "common/time.hpp"
#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/programs/message.hpp"

#include <poll.h>
#include <sys/types.h>
#include <vector>

namespace vrrp::programs {

/// The programs that run now, each in a process group of its own.
class Jobs {
 public:
  static constexpr std::size_t kMostAtOnce = 16;

  ~Jobs();  // kills what still runs

  /// At once the outcome of what could not be started.
  std::optional<Outcome> start(const Order& order, common::TimePoint now);
  /// Reads what they wrote, kills those out of time; who has ended.
  std::vector<Outcome> look(common::TimePoint now);
  bool empty() const { return jobs_.empty(); }
  void add_to(std::vector<pollfd>& waits) const;
  common::TimePoint next_deadline() const;

 private:
  struct Job {
    std::uint32_t id;
    pid_t pid;  // and of its group
    link::Descriptor process;
    link::Descriptor output;
    std::string text;
    common::TimePoint deadline;
    bool killed{false};
  };
  static void read_output(Job& job);
  static std::optional<Ended> outcome_of(Job& job);

  std::vector<Job> jobs_;
};

}  // namespace vrrp::programs

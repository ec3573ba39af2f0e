#pragma once

#include "app/pair/planners.hpp"
#include "common/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace booking::dbctl {

/// Exit statuses, by class.
enum class Exit : int {
  Done = 0,
  Failed = 1,       // a step failed; what was done stands, and is said
  BadUsage = 2,     // of dbctl, or a faulty configuration
  Unreachable = 3,  // no node answers
  Refused = 4,      // a rule forbids it; nothing was changed
  Unwell = 5,       // of `status`: not in sync, or nobody can be written to
  TwoWriters = 6,   // both nodes can be written to
  Differs = 7,      // of `verify`: the nodes do not hold the same rows
};

enum class Verb : std::uint8_t {
  Bootstrap,
  Status,
  Switchover,
  Failover,
  Rejoin,
  Degrade,
  RestoreSync,
  Verify,
  Check,
  Help,
  Version
};

struct CommandHelp {
  Verb verb;
  std::string_view name;
  std::string_view purpose;
  std::string_view more;
};
std::span<const CommandHelp> commands();

struct Arguments {
  Verb verb{Verb::Help};
  std::string config{"/etc/mainstay/dbctl.yaml"};
  bool dry_run{false};
  bool json{false};
  pair::Wishes wishes;
};

/// What was asked, or a sentence about what is wrong with it.
common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words);
std::string usage();

}  // namespace booking::dbctl

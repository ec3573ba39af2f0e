#pragma once

#include "common/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::ctl {

/// Exit statuses of vrrpctl; the first five as lbctl's.
enum class Exit : int {
  Done = 0,
  Refused = 1,      // vrrpd would not, it did not work, or a configuration has faults
  BadUsage = 2,     // of vrrpctl itself
  Unreachable = 3,  // nobody answers at the admin address
  Forbidden = 4,    // the token is missing or wrong
  Unwell = 5,       // of `status`: a router that is not fit, or an interface that cannot be used
};

enum class Verb : std::uint8_t {
  Status,
  Watch,
  Explain,
  Handover,
  Drill,
  Maintenance,
  Check,
  Import,
  Completion,
  Help,
  Version
};

/// What a command takes, for its help, its completion and its check.
struct CommandHelp {
  Verb verb;
  std::string_view name;
  std::string_view operands;  // as in usage: `[ROUTER]`
  std::size_t least;          // operands
  std::size_t most;
  std::string_view purpose;  // one line
  std::string_view more;     // what else help tells
};
std::span<const CommandHelp> commands();
const CommandHelp* find_command(std::string_view name);

struct Arguments {
  Verb verb{Verb::Help};
  std::vector<std::string> operands;
  std::string address;  // `unix:/run/vrrpd/admin.sock` or `http://127.0.0.1:9112`; empty: look
  std::string token_file;
  bool json{false};
  std::chrono::milliseconds interval{500};  // of `watch`: between two looks
  std::chrono::milliseconds wait{15'000};   // of `handover`: for its end
  std::chrono::milliseconds stay{5'000};    // of `drill`: with the peer
};

/// What was asked, or a sentence about what is wrong with it. Options may stand anywhere.
common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words);

std::string usage();
std::string help_of(const CommandHelp& command);
/// For `source <(vrrpctl completion bash)` and its likes; nothing for a shell we do not know.
std::optional<std::string> completion(std::string_view shell);

}  // namespace vrrp::ctl

#pragma once

#include "common/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lb::ctl {

/// Exit statuses of lbctl.
enum class Exit : int {
  Done = 0,
  Refused = 1,      // lbd would not, or a configuration has faults
  BadUsage = 2,     // of lbctl itself
  Unreachable = 3,  // nobody answers at the admin address
  Forbidden = 4,    // the token is missing or wrong
};

enum class Verb : std::uint8_t {
  Status,
  Top,
  Upstreams,
  Certificates,
  TicketKeys,
  Errors,
  Sessions,
  Drain,
  Undrain,
  Weight,
  Add,
  Remove,
  Reload,
  Check,
  Settings,
  LogLevel,
  Import,
  Completion,
  Help,
  Version
};

/// What a command takes, for its help, its completion and its check.
struct CommandHelp {
  Verb verb;
  std::string_view name;
  std::string_view operands;  // as in usage: `[UPSTREAM/]ENDPOINT WEIGHT`
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
  std::string address;  // `unix:/run/lbd/admin.sock` or a URL; empty: look for it
  std::string token_file;
  std::string ca_file;           // for https
  std::string certificate_file;  // the same; `key_file` goes with it
  std::string key_file;
  std::string config{"/etc/mainstay/lbd.yaml"};  // of `check`
  bool json{false};
  bool names{false};                         // of `upstreams`: names alone, a line each
  std::optional<std::chrono::seconds> wait;  // of `drain`: until nothing is in flight
  std::chrono::milliseconds interval{1000};  // of `top`
  std::optional<std::uint32_t> most;         // of `sessions`: told in full
  // Of `add`:
  std::string name;
  std::optional<std::uint32_t> weight;
  std::optional<std::uint32_t> tier;
  std::optional<std::uint32_t> max_connections;
  bool backup{false};
};

/// What was asked, or a sentence about what is wrong with it. Options may stand anywhere.
common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words);

std::string usage();
std::string help_of(const CommandHelp& command);
/// For `source <(lbctl completion bash)` and its likes; nothing for a shell we do not know.
std::optional<std::string> completion(std::string_view shell);

}  // namespace lb::ctl

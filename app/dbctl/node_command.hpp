#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace booking::dbctl {

struct CommandEnd {
  bool done{false};   // exit status 0 (of both, of a pipe)
  std::string words;  // the last of what it said, or what kept it from running
};

/// Runs `command` followed by the words of `verb`; killed at `limit`.
CommandEnd run_on_node(const std::vector<std::string>& command, const std::string& verb,
                       std::chrono::milliseconds limit);
/// As `from giving | to taking`.
CommandEnd pipe_between(const std::vector<std::string>& from, const std::string& giving,
                        const std::vector<std::string>& to, const std::string& taking,
                        std::chrono::milliseconds limit);

}  // namespace booking::dbctl

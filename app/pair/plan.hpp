#pragma once

#include "app/pair/seen.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace booking::pair {

enum class Word : std::uint8_t {
  Holds,
  Warns,   // to be known, not in the way
  Waived,  // would forbid it, but the operator named what is accepted
  Forbids
};

/// What one rule says about the plan.
struct Verdict {
  std::string rule;  // `known-in-sync`
  Word word{Word::Holds};
  std::string because;  // a sentence with the values it was decided by
};

/// What a step does. `{name}` in `text` stands for what a Capture of that name found before.
enum class Act : std::uint8_t {
  Statement,  // SQL without a result
  Capture,    // SQL; `result` names the value
  Expect,     // SQL whose value must be `result`
  Await,      // SQL, again and again until its value is `result`
  Reach,      // SQL, again and again until its value, a GTID position, covers `result`
  Cover,      // SQL whose value, a GTID position, must cover `result`
  Command,    // `text` is a verb of db-node and its operands, on the node's machine
  Transfer,   // a physical copy from `from` to `node`
  Note        // write `record` down, durably
};

struct Step {
  Act act{Act::Statement};
  std::string node;
  std::string text;
  std::string result;
  std::string column;  // of Capture: which one; empty: the first
  std::string why;
  std::chrono::milliseconds limit{2000};
  bool needed{true};  // without: said when it fails, and gone on
  bool early{false};  // of Command: begun with the first step, waited for in its turn
  /// Only through the session that earlier steps had with the node. A server that was restarted in
  /// between may have taken commits back, or hold a relay log that must not be started: it is left
  /// as it is.
  bool same_session{false};
  std::size_t since{0};  // of undo: carried out once so many of the plan's steps were tried
  Record record;         // of Note; `result` names its closed_at, if it has one
  std::string from;
};

struct Plan {
  std::string verb;
  std::vector<Verdict> verdicts;
  std::vector<Step> steps;
  /// Carried out when one of the first `reversible` steps fails: writes go on where they were. Not
  /// further than its first needed step that fails: better closed than open in doubt.
  std::vector<Step> undo;
  std::size_t reversible{0};

  bool refused() const;
  void judge(std::string rule, bool holds, std::string because, Word otherwise = Word::Forbids);
  void warn(std::string rule, std::string because);
  Step& add(Act act, const NodeSeen& node, std::string text, std::string why);
};

const char* to_string(Word word);
const char* to_string(Act act);

}  // namespace booking::pair

#include "app/pair/plan.hpp"

#include <algorithm>
#include <utility>

namespace booking::pair {

bool Plan::refused() const {
  return std::ranges::any_of(verdicts, [](const Verdict& v) { return v.word == Word::Forbids; });
}

void Plan::judge(std::string rule, bool holds, std::string because, Word otherwise) {
  verdicts.push_back({std::move(rule), holds ? Word::Holds : otherwise, std::move(because)});
}

void Plan::warn(std::string rule, std::string because) {
  verdicts.push_back({std::move(rule), Word::Warns, std::move(because)});
}

Step& Plan::add(Act act, const NodeSeen& node, std::string text, std::string why) {
  auto& step = steps.emplace_back();
  step.act = act;
  step.node = node.name;
  step.text = std::move(text);
  step.why = std::move(why);
  return step;
}

const char* to_string(Word word) {
  switch (word) {
    case Word::Holds:
      return "holds";
    case Word::Warns:
      return "warns";
    case Word::Waived:
      return "waived";
    case Word::Forbids:
      return "forbids";
  }
  return "";
}

const char* to_string(Act act) {
  switch (act) {
    case Act::Statement:
      return "sql";
    case Act::Capture:
      return "capture";
    case Act::Expect:
      return "expect";
    case Act::Await:
      return "await";
    case Act::Reach:
      return "reach";
    case Act::Cover:
      return "cover";
    case Act::Command:
      return "command";
    case Act::Transfer:
      return "transfer";
    case Act::Note:
      return "record";
  }
  return "";
}

}  // namespace booking::pair

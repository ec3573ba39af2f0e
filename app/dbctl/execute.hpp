#pragma once

#include "app/dbctl/config/options.hpp"
#include "app/pair/plan.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace booking::dbctl {

struct StepEnd {
  bool done{false};
  std::string words;  // what was found, or why it failed
  std::chrono::milliseconds took{0};
};

/// Told of each step after it was tried; `undoing` for those that take a plan back.
using Told = std::function<void(const pair::Step& step, const StepEnd& end, bool undoing)>;

enum class Ending { Done, Failed, TakenBack };

/// Carries the plan's steps out, one after the other, until one that is needed fails; then takes
/// back what can be.
Ending execute(const pair::Plan& plan, const Options& options, const Told& told);

}  // namespace booking::dbctl

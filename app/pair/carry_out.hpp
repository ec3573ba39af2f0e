#pragma once

#include "app/pair/plan.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace booking::pair {

struct StepEnd {
  bool done{false};
  std::string words;  // what was found, or why it failed
  std::chrono::milliseconds took{0};
};

/// Tries one step. What it did when it failed nobody knows: all of it, or nothing.
using Doer = std::function<StepEnd(const Step&)>;
/// Told of each step after it was tried; `undoing` for those that take a plan back.
using Told = std::function<void(const Step&, const StepEnd&, bool undoing)>;
/// Asked before each step: whether somebody wants it to end. Where a plan can be taken back it is.
using Stop = std::function<bool()>;

enum class Ending : std::uint8_t { Done, Failed, TakenBack };

/// One step after the other, until one that is needed fails; then takes back what can be, up to the
/// first needed step of that which fails as well.
Ending carry_out(const Plan& plan, const Doer& doer, const Told& told, const Stop& stop);

}  // namespace booking::pair

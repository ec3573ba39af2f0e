#include "app/pair/carry_out.hpp"

namespace booking::pair {
namespace {

Ending take_back(const Plan& plan, std::size_t tried, const Doer& doer, const Told& told) {
  for (const auto& step : plan.undo) {
    if (step.since > tried) continue;
    const auto end = doer(step);
    told(step, end, true);
    if (!end.done && step.needed) return Ending::Failed;
  }
  return Ending::TakenBack;
}

}  // namespace

Ending carry_out(const Plan& plan, const Doer& doer, const Told& told, const Stop& stop) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const bool reversible = i < plan.reversible;
    if (reversible && stop()) return take_back(plan, i, doer, told);
    const auto end = doer(plan.steps[i]);
    told(plan.steps[i], end, false);
    if (end.done || !plan.steps[i].needed) continue;
    return reversible ? take_back(plan, i + 1, doer, told) : Ending::Failed;
  }
  return Ending::Done;
}

}  // namespace booking::pair

#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

void judge_term(Plan& plan, const PairSeen& seen, const NodeSeen& writer) {
  const bool right = writer.epoch.number == seen.epoch() && writer.epoch.writer == writer.server_id;
  plan.judge("term", right,
             right ? fmt::format("epoch {} is of {}", writer.epoch.number, writer.name)
                   : fmt::format("{} can be written to, but epoch {} is not its own: close it, "
                                 "then `dbctl failover`",
                                 writer.name, seen.epoch()));
}

}  // namespace

Plan plan_degrade(const PairSeen& seen, const Terms&) {
  Plan plan;
  plan.verb = "degrade";
  judge_one_writer(plan, seen);
  const auto* const writer = writer_of(seen);
  if (writer == nullptr) return plan;
  judge_term(plan, seen, *writer);
  if (writer->semi_sync_replicas > 0)
    plan.warn("replica-gone",
              seen.other(*writer).name + " still acknowledges: from now on nobody waits for it");
  judge_role(plan, *writer);
  if (plan.refused()) return plan;

  add_alone(plan, *writer, seen.epoch(), "the replica may lack what is acknowledged from here on");
  plan.add(Act::Statement, *writer, kWaitForNobody,
           "commits that wait are released, and none waits any more");
  return plan;
}

Plan plan_restore_sync(const PairSeen& seen, const Terms& terms) {
  Plan plan;
  plan.verb = "restore-sync";
  judge_one_writer(plan, seen);
  const auto* const writer = writer_of(seen);
  if (writer == nullptr) return plan;
  judge_term(plan, seen, *writer);
  const auto& replica = seen.other(*writer);
  judge_reachable(plan, replica);
  if (replica.reachable) judge_replicates(plan, replica, *writer);
  if (plan.refused()) return plan;

  add_sync(plan, *writer, replica, terms, {seen.epoch(), writer->name, true});
  return plan;
}

}  // namespace booking::pair

#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/settings.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

void judge(Plan& plan, const PairSeen& seen, const NodeSeen& old, const NodeSeen& next,
           const Terms& terms) {
  judge_reachable(plan, next);
  if (!next.reachable) return;
  judge_settings(plan, next);
  judge_replicates(plan, next, old);
  const bool waits = old.waits_for_replica && old.semi_sync && old.semi_sync_replicas >= 1;
  plan.judge("semi-sync", waits,
             waits ? "every commit waits for the replica"
                   : old.name + " does not wait for its replica: `dbctl restore-sync` first");
  plan.judge("known-in-sync", known_in_sync(seen),
             known_in_sync(seen) ? "the record says in sync"
                                 : "the record does not say in sync: `dbctl restore-sync` first");
  const auto behind =
      next.applier ? next.applier->seconds_behind.value_or(terms.most_behind_seconds + 1) : 0;
  plan.judge("lag", behind <= terms.most_behind_seconds,
             fmt::format("{} is {} s behind, at most {} s: writes are held that long", next.name,
                         behind, terms.most_behind_seconds));
}

/// Up to here both nodes are closed and have the same transactions, so writes can go on where they
/// were.
void add_undo(Plan& plan, const NodeSeen& old, const NodeSeen& next, const Terms& terms) {
  Plan back;
  const auto optional = [&](const NodeSeen& node, const char* sql, const char* why) {
    back.add(Act::Statement, node, sql, why).needed = false;
  };
  optional(old, "STOP SLAVE", "it is the primary again");
  optional(old, "RESET SLAVE ALL", "it replicates from nobody");
  optional(next, kWaitForNobody, "it is the replica again");
  optional(next, "STOP SLAVE", "its source is about to change");
  back.add(Act::Statement, next, follow(old, terms, false), "replicate from " + old.name).needed =
      false;
  optional(next, "START SLAVE", "begin where its own log ends");
  back.add(Act::Statement, old, kWaitForReplica, "every commit waits for the replica");
  back.add(Act::Statement, old, kOpen, "writes go on where they were");
  plan.undo = std::move(back.steps);
}

}  // namespace

Plan plan_switchover(const PairSeen& seen, const Terms& terms, const Wishes& wishes) {
  Plan plan;
  plan.verb = "switchover";
  judge_one_writer(plan, seen);
  const auto* const old = writer_of(seen);
  if (old == nullptr) return plan;
  const auto& next = seen.other(*old);
  plan.judge("target", wishes.target.empty() || wishes.target == next.name,
             wishes.target == old->name ? old->name + " is written to already"
                                        : fmt::format("from {} to {}", old->name, next.name));
  judge(plan, seen, *old, next, terms);
  if (plan.refused()) return plan;

  plan.add(Act::Statement, *old, "SET SESSION lock_wait_timeout = 1",
           "a long transaction must not hold everybody");
  plan.add(Act::Statement, *old, kClose, "writes are refused here, and held by bookd").limit =
      std::chrono::milliseconds{1500};
  plan.add(Act::Capture, *old, kLastWritten, "the last transaction").result = "last";
  auto& applied =
      plan.add(Act::Expect, next, wait_for("{last}", terms.catch_up), "the replica has applied it");
  applied.result = "0";
  applied.limit = terms.catch_up;
  plan.add(Act::Statement, next, "STOP SLAVE", "it is about to be the primary");
  plan.add(Act::Statement, next, "RESET SLAVE ALL", "it replicates from nobody");
  plan.add(Act::Statement, next, kWaitForReplica, "its first commit waits for its replica");
  plan.add(Act::Statement, *old, kWaitForNobody, "a replica must not wait for acknowledgements");
  plan.add(Act::Statement, *old, follow(next, terms, true),
           "replication the other way, before writes open");
  plan.add(Act::Statement, *old, "START SLAVE", "begin where its own log ends");
  auto& acknowledges =
      plan.add(Act::Await, next,
               "SELECT VARIABLE_VALUE >= 1 FROM information_schema.GLOBAL_STATUS WHERE"
               " VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_CLIENTS'",
               "the new replica acknowledges");
  acknowledges.result = "1";
  acknowledges.limit = std::chrono::milliseconds{5000};
  plan.reversible = plan.steps.size();
  add_undo(plan, *old, next, terms);

  const auto epoch = seen.epoch() + 1;
  add_note(plan, {epoch, next.name, true}, "whoever goes on from here knows who is written to");
  plan.add(Act::Statement, next, begin_epoch(epoch, next, "switchover"),
           "bookd refuses the old term from here")
      .limit = terms.catch_up;
  plan.add(Act::Statement, next, kOpen, "writes go on");
  return plan;
}

}  // namespace booking::pair

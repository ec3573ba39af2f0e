#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/settings.hpp"
#include "app/pair/statements.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <string_view>

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

/// Both nodes closed, at one position.
void add_close(Plan& plan, const NodeSeen& old, const NodeSeen& next, const Terms& terms) {
  add_still_open(plan, old, "it can be written to, so it runs since it was opened");
  plan.add(Act::Statement, old, "SET SESSION lock_wait_timeout = 1",
           "a long transaction must not hold everybody");
  plan.add(Act::Statement, old, kClose, "writes are refused here, and held by bookd").limit =
      std::chrono::milliseconds{1500};
  plan.add(Act::Capture, old, kLastWritten, "the last transaction").result = "last";
  plan.add(Act::Statement, old, "FLUSH LOCAL ENGINE LOGS",
           "what it committed it keeps over a crash, which would take it back from a replica");
  auto& applied =
      plan.add(Act::Expect, next, wait_for("{last}", terms.catch_up), "the replica has applied it");
  applied.result = "0";
  applied.limit = terms.catch_up;
}

/// Replication the other way. The new primary's relay log stays until what it applied is on its
/// disk for sure, which the first commit of the new term makes it.
void add_turn(Plan& plan, const NodeSeen& old, const NodeSeen& next, const Terms& terms) {
  plan.add(Act::Statement, next, "STOP SLAVE", "it is about to be the primary");
  plan.add(Act::Statement, next, kWaitForReplica, "its first commit waits for its replica");
  plan.add(Act::Statement, old, kWaitForNobody, "a replica must not wait for acknowledgements");
  plan.add(Act::Statement, old, follow(next, terms, true),
           "replication the other way, before writes open");
  plan.add(Act::Statement, old, "START SLAVE", "begin where its own log ends");
  auto& acknowledges =
      plan.add(Act::Await, next,
               "SELECT VARIABLE_VALUE >= 1 FROM information_schema.GLOBAL_STATUS WHERE"
               " VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_CLIENTS'",
               "the new replica acknowledges");
  acknowledges.result = "1";
  acknowledges.limit = std::chrono::milliseconds{5000};
}

/// The number of the first step with that text on that node, counted from 1: from then on it may
/// have been done.
std::size_t since(const Plan& plan, const NodeSeen& node, std::string_view beginning) {
  const auto found = std::ranges::find_if(plan.steps, [&](const Step& step) {
    return step.node == node.name && step.text.starts_with(beginning);
  });
  return static_cast<std::size_t>(found - plan.steps.begin()) + 1;
}

/// Writes go on where they were. Only what was tried is undone, and nothing is opened or started
/// that may have been restarted meanwhile. The replica comes last: should the old primary not open,
/// it is left as it is, with all that it has.
void add_undo(Plan& plan, const Record& before, const NodeSeen& old, const NodeSeen& next) {
  Plan back;
  const auto turned = since(plan, old, "CHANGE MASTER");
  back.add(Act::Statement, old, "STOP SLAVE", "it is the primary again").since = turned;
  back.add(Act::Statement, old, "RESET SLAVE ALL", "it replicates from nobody").since = turned;
  back.add(Act::Statement, old, kWaitForReplica, "every commit waits for the replica").since =
      since(plan, old, kWaitForNobody);
  auto& nobody = back.add(Act::Statement, next, kWaitForNobody, "it is the replica again");
  nobody.since = since(plan, next, kWaitForReplica);
  nobody.needed = false;
  add_note(back, before, "the term that was is the term that is").since =
      since(plan, next, "epoch ");
  auto& open = back.add(Act::Statement, old, kOpen, "writes go on where they were");
  open.since = since(plan, old, kClose);
  open.same_session = true;
  auto& start = back.add(Act::Statement, next, "START SLAVE", "begin where its own log ends");
  start.since = since(plan, next, "STOP SLAVE");
  start.needed = false;
  start.same_session = true;
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

  add_close(plan, *old, next, terms);
  const auto epoch = seen.epoch() + 1;
  add_note_closed(plan, {epoch, next.name, true}, "last",
                  "whoever goes on from here knows who is to be opened, and that both have all");
  add_turn(plan, *old, next, terms);
  plan.reversible = plan.steps.size();
  add_undo(plan, *seen.record, *old, next);

  plan.add(Act::Statement, next, begin_epoch(epoch, next, "switchover"),
           "bookd refuses the old term from here")
      .limit = terms.catch_up;
  add_note(plan, {epoch, next.name, true}, "from here on it may be written to");
  plan.add(Act::Statement, next, kOpen, "writes go on");
  plan.add(Act::Statement, next, "RESET SLAVE ALL", "it replicates from nobody").needed = false;
  return plan;
}

}  // namespace booking::pair

#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

/// Who is to be opened when nobody said: the replica of the recorded primary; a primary that was
/// alone, again; else whoever answers and has more.
const NodeSeen* candidate_of(const PairSeen& seen, const Wishes& wishes) {
  if (!wishes.target.empty()) return seen.find(wishes.target);
  const auto& first = seen.nodes.front();
  const auto& second = seen.nodes.back();
  if (first.reachable != second.reachable) return first.reachable ? &first : &second;
  if (const auto* writer = seen.record ? seen.find(seen.record->writer) : nullptr)
    return seen.record->in_sync ? &seen.other(*writer) : writer;
  return second.holds().covers(first.holds()) ? &second : &first;
}

struct Case {
  const PairSeen& seen;
  const NodeSeen& candidate;
  const NodeSeen& old;
  const Wishes& wishes;

  /// It was the primary when the record was written: it opens again.
  bool reopens() const { return seen.record && seen.record->writer == candidate.name; }
  /// What is in its relay log and nowhere applied.
  bool must_replay() const {
    return candidate.rests() && !candidate.position().covers(candidate.relay_end);
  }
  bool loss_accepted() const {
    return wishes.accepted_loss && *wishes.accepted_loss == candidate.holds();
  }
};

void judge_primary_dead(Plan& plan, const Case& c) {
  if (c.candidate.writable())
    return plan.judge("primary-dead", false, c.candidate.name + " can be written to already");
  if (c.old.writable())
    return plan.judge(
        "primary-dead", c.wishes.kill_primary && c.old.has_command,
        c.wishes.kill_primary
            ? fmt::format("{} answers and is killed first, by its command", c.old.name)
            : fmt::format("{} answers and can be written to: `dbctl switchover`; or, when it is "
                          "stuck, --kill",
                          c.old.name));
  plan.judge(
      "primary-dead", true,
      c.old.reachable ? c.old.name + " answers, takes no writes" : c.old.name + ": " + c.old.why);
}

/// Why the candidate is known to have everything acknowledged, or why it is not.
void judge_complete(Plan& plan, const Case& c) {
  const auto rule = "known-in-sync";
  const auto otherwise = [&](const std::string& why) {
    if (c.loss_accepted())
      return plan.judge(rule, false,
                        why + "; what comes after " + c.candidate.holds().to_string() +
                            " is given up, as accepted",
                        Word::Waived);
    plan.judge(
        rule, false,
        fmt::format("{}. What was acknowledged after {} may be lost; whoever accepts that says"
                    " --accept-loss-after '{}'",
                    why, c.candidate.holds().to_string(), c.candidate.holds().to_string()));
  };
  if (!c.seen.record)
    return otherwise(
        "there is no record of who was written to and whether both nodes had everything");
  if (c.seen.record->epoch != c.seen.epoch())
    return otherwise(fmt::format("the record is of epoch {}, a node knows epoch {}",
                                 c.seen.record->epoch, c.seen.epoch()));
  if (c.reopens()) {
    if (!c.seen.record->in_sync)
      return plan.judge(rule, true, c.candidate.name + " was alone: it has everything");
    // A primary that crashed took back, at its start, commits that only its replica had
    // acknowledged.
    if (c.old.reachable && c.candidate.position().covers(c.old.holds()))
      return plan.judge(rule, true,
                        fmt::format("{} has all that {} has", c.candidate.name, c.old.name));
    return otherwise(
        c.old.reachable
            ? fmt::format("{} has {}, {} only {}", c.old.name, c.old.holds().to_string(),
                          c.candidate.name, c.candidate.position().to_string())
            : fmt::format(
                  "{} was restarted and may have taken back its last commits; they are on {}",
                  c.candidate.name, c.old.name));
  }
  if (!c.seen.record->in_sync)
    return otherwise("the record says that " + c.old.name + " went on alone");
  if (!c.candidate.replicates_from(c.old))
    return otherwise(c.candidate.name + " is no replica of " + c.old.name);
  if (c.candidate.applier->receiving && !c.candidate.applier->heard)
    return otherwise(c.candidate.name +
                     " was started again without its primary, which deleted its relay log");
  plan.judge(rule, true,
             "the record says in sync: what is acknowledged was received by " + c.candidate.name);
}

void judge_other_history(Plan& plan, const Case& c) {
  if (!c.old.reachable || c.old.writable()) return;
  const bool covered = c.candidate.holds().covers(c.old.position());
  plan.judge("nobody-has-more", covered || c.loss_accepted(),
             covered ? fmt::format("{} has all that {} has", c.candidate.name, c.old.name)
                     : fmt::format("{} has come to {}, {} to {}: open that one (--to {})",
                                   c.old.name, c.old.position().to_string(), c.candidate.name,
                                   c.candidate.holds().to_string(), c.old.name));
}

void judge_fence(Plan& plan, const Case& c) {
  const auto rule = "old-primary-fenced";
  if (c.old.reachable && c.old.read_only)
    return plan.judge(rule, true, c.old.name + " takes no writes");
  if (c.old.has_command)
    return plan.judge(
        rule, true,
        c.old.name + " is killed (SIGKILL: SIGTERM would commit what nobody acknowledged)");
  // In sync it waits for an acknowledgement that cannot come: what it takes, it does not
  // acknowledge.
  if (known_in_sync(c.seen) && !c.reopens())
    return plan.warn(
        rule,
        c.old.name + " cannot be killed from here; without its replica it acknowledges nothing");
  plan.judge(rule, c.wishes.unfenced,
             fmt::format("{} cannot be killed from here and did not wait for its replica: kill it, "
                         "then say --unfenced",
                         c.old.name),
             Word::Forbids);
}

void judge_applying(Plan& plan, const Case& c) {
  const auto& applier = c.candidate.applier;
  if (applier && !applier->apply_error.empty())
    return plan.judge("applies", false,
                      c.candidate.name + " cannot apply what it received: " + applier->apply_error);
  if (!c.must_replay())
    return plan.judge("applies", true, "everything received is applied before it opens");
  plan.judge("applies", c.candidate.has_command,
             fmt::format("{} was restarted and holds {} received transactions in its relay log up "
                         "to {}, which START SLAVE"
                         " would delete: they are replayed{}",
                         c.candidate.name, c.candidate.position().missing(c.candidate.relay_end),
                         c.candidate.relay_end.to_string(),
                         c.candidate.has_command ? "" : " by its command, and it has none"));
}

/// Everything the candidate received becomes everything it has applied.
void add_apply(Plan& plan, const Case& c, const Terms& terms) {
  const auto& node = c.candidate;
  if (c.must_replay()) {
    plan.add(Act::Command, node, "replay " + node.position().to_string(),
             "carry out what is in the relay log")
        .limit = terms.copying;
    plan.add(Act::Cover, node, kLastWritten, "applied is at least received").result =
        node.relay_end.to_string();
  } else if (node.applier && !node.rests()) {
    // Never both threads stopped and started: that deletes the relay log.
    if (!node.applier->applying)
      plan.add(Act::Statement, node, "START SLAVE SQL_THREAD", "apply what was received");
    if (node.applier->receiving)
      plan.add(Act::Statement, node, "STOP SLAVE IO_THREAD",
               "no more is received; the old primary gets no acknowledgement")
          .limit = std::chrono::milliseconds{5000};
    auto& received = plan.add(Act::Capture, node, kReplicaStatus, "what was received");
    received.column = "Gtid_IO_Pos";
    received.result = "received";
    auto& applied =
        plan.add(Act::Expect, node, wait_for("{received}", terms.copying), "it is applied");
    applied.result = "0";
    applied.limit = terms.copying;
    plan.add(Act::Cover, node, kLastApplied, "applied is at least received").result = "{received}";
  }
  if (node.applier) {
    plan.add(Act::Statement, node, "STOP SLAVE", "it is about to be the primary");
    plan.add(Act::Statement, node, "RESET SLAVE ALL", "it replicates from nobody");
  }
}

}  // namespace

Plan plan_failover(const PairSeen& seen, const Terms& terms, const Wishes& wishes) {
  Plan plan;
  plan.verb = "failover";
  const auto* const candidate = candidate_of(seen, wishes);
  plan.judge("target", candidate != nullptr,
             candidate == nullptr ? "there is no node " + wishes.target
                                  : candidate->name + " is to be written to");
  if (candidate == nullptr) return plan;
  const Case c{seen, *candidate, seen.other(*candidate), wishes};
  judge_reachable(plan, c.candidate);
  if (plan.refused()) return plan;
  judge_primary_dead(plan, c);
  judge_complete(plan, c);
  judge_other_history(plan, c);
  judge_fence(plan, c);
  judge_applying(plan, c);
  judge_role(plan, c.candidate);
  if (plan.refused()) return plan;

  if (c.old.has_command && (!c.old.reachable || !c.old.read_only)) {
    auto& fence = plan.add(Act::Command, c.old, "fence", "it must not go on behind our back");
    // In sync it acknowledges nothing, reached or not; alone, or alive, it would.
    fence.needed = (c.old.writable() || !known_in_sync(seen)) && !wishes.unfenced;
    fence.limit = std::chrono::milliseconds{5000};
  }
  add_apply(plan, c, terms);
  const auto epoch = seen.epoch() + 1;
  add_role(plan, c.candidate, "MASTER");
  add_note(plan, {epoch, c.candidate.name, false},
           "before anything is written: who is written to, and that it is alone");
  plan.add(Act::Statement, c.candidate, kWaitForNobody, "there is no replica to wait for");
  plan.add(Act::Statement, c.candidate, begin_epoch(epoch, c.candidate, "failover"),
           "bookd refuses the old term from here");
  plan.add(Act::Statement, c.candidate, kOpen, "writes go on");
  return plan;
}

}  // namespace booking::pair

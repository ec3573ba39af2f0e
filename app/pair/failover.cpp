#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

constexpr std::chrono::milliseconds kRoleInAnOutage{2000};
constexpr std::chrono::milliseconds kFencing{5000};

struct Case {
  const PairSeen& seen;
  const NodeSeen& candidate;
  const NodeSeen& old;
  const Wishes& wishes;

  /// It was the primary when the record was written: it opens again.
  bool reopens() const { return seen.record && seen.record->writer == candidate.name; }
  /// It has not been started again since dbctl had it wait for a replica: it took nothing back.
  bool runs_since() const { return candidate.waits_for_replica && !candidate.waits_by_file; }
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

/// Whether the candidate is known to have everything acknowledged, and why, or why not.
struct Complete {
  bool yes;
  std::string because;
};

Complete complete_reopened(const Case& c) {
  const auto& node = c.candidate;
  if (!c.seen.record->in_sync) return {true, node.name + " was alone: it has everything"};
  // A primary that crashed took back, at its start, commits that only its replica had acknowledged.
  if (c.runs_since())
    return {true, node.name + " was closed and not started again: it has everything"};
  if (!c.old.reachable)
    return {false,
            fmt::format("{} was restarted and may have taken back its last commits; they are on {}",
                        node.name, c.old.name)};
  if (node.position().covers(c.old.holds()))
    return {true, fmt::format("{} has all that {} has", node.name, c.old.name)};
  return {false, fmt::format("{} has {}, {} only {}", c.old.name, c.old.holds().to_string(),
                             node.name, node.position().to_string())};
}

Complete complete(const Case& c) {
  const auto& node = c.candidate;
  if (!c.seen.record)
    return {false,
            "there is no record of who was written to and whether both nodes had everything"};
  if (node.rests() && node.has_hole())
    return {false, fmt::format("{} has come to {}, and its relay log begins only at {}", node.name,
                               node.position().to_string(), node.relay_first->to_string())};
  if (node.rests() && node.relay_broken)
    return {false, fmt::format("the relay log of {} reads only up to {}: it ends within an event, "
                               "or is damaged",
                               node.name, node.relay_end.to_string())};
  const auto& record = *c.seen.record;
  if (record.epoch != c.seen.epoch())
    return {false, fmt::format("the record is of epoch {}, a node knows epoch {}", record.epoch,
                               c.seen.epoch())};
  if (record.closed_at) {
    const bool has = node.holds().covers(*record.closed_at);
    return {has, fmt::format("nobody was written to since {}, and {} has {}",
                             record.closed_at->to_string(), node.name,
                             has ? "all of it" : "only " + node.holds().to_string())};
  }
  if (c.reopens()) return complete_reopened(c);
  if (!record.in_sync) return {false, "the record says that " + c.old.name + " went on alone"};
  if (!node.replicates_from(c.old)) return {false, node.name + " is no replica of " + c.old.name};
  if (node.applier->receiving && !node.applier->heard)
    return {false,
            node.name + " was started again without its primary, which deleted its relay log"};
  return {true, "the record says in sync: what is acknowledged was received by " + node.name};
}

/// Of an old primary that answers and is closed: nobody is opened beside one who has more.
bool nobody_has_more(const Case& c) {
  return !c.old.reachable || c.candidate.holds().covers(c.old.position());
}

/// Who is to be opened when nobody said: of those that answer the first that has everything. The
/// replica of the recorded primary before that; a primary that was alone before its replica.
const NodeSeen* candidate_of(const PairSeen& seen, const Wishes& wishes) {
  if (!wishes.target.empty()) return seen.find(wishes.target);
  const auto& first = seen.nodes.front();
  const auto& second = seen.nodes.back();
  if (first.reachable != second.reachable) return first.reachable ? &first : &second;
  // Who is open is stuck, or nobody would ask: the other one takes over.
  if (first.writable() != second.writable()) return first.writable() ? &second : &first;
  const auto* const writer = seen.record ? seen.find(seen.record->writer) : nullptr;
  if (writer == nullptr) return second.holds().covers(first.holds()) ? &second : &first;
  const bool replica_first = seen.record->in_sync && !seen.record->closed_at;
  const auto& best = replica_first ? seen.other(*writer) : *writer;
  const auto& next = seen.other(best);
  const auto fits = [](const Case& c) { return complete(c).yes && nobody_has_more(c); };
  const bool next_alone = !fits({seen, best, next, wishes}) && fits({seen, next, best, wishes});
  return next_alone ? &next : &best;
}

void judge_complete(Plan& plan, const Case& c) {
  const auto rule = "known-in-sync";
  const auto [yes, because] = complete(c);
  const auto has = c.candidate.holds().to_string();
  if (yes) return plan.judge(rule, true, because);
  if (c.loss_accepted())
    return plan.judge(rule, false,
                      fmt::format("{}; what comes after {} is given up, as accepted", because, has),
                      Word::Waived);
  plan.judge(rule, false,
             fmt::format("{}. What was acknowledged after {} may be lost; whoever accepts that says"
                         " --accept-loss-after '{}'",
                         because, has, has));
}

void judge_other_history(Plan& plan, const Case& c) {
  if (!c.old.reachable || c.old.writable()) return;
  const bool covered = nobody_has_more(c);
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

/// Where the old primary could acknowledge nothing is done before it is dead; else the killing goes
/// on beside, and need not succeed.
void add_fence(Plan& plan, const Case& c, bool acknowledges) {
  if (!c.old.has_command || (c.old.reachable && c.old.read_only)) return;
  auto& fence = plan.add(Act::Command, c.old, "fence", "it must not go on behind our back");
  fence.needed = acknowledges && !c.wishes.unfenced;
  fence.early = !acknowledges;
  fence.limit = kFencing;
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
  if (node.applier) plan.add(Act::Statement, node, "STOP SLAVE", "it is about to be the primary");
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

  // In sync it acknowledges nothing, reached or not; alone, or alive, it would.
  const bool acknowledges = c.old.writable() || !known_in_sync(seen);
  if (acknowledges) add_fence(plan, c, true);
  add_apply(plan, c, terms);
  if (auto* const role = add_role(plan, c.candidate, "MASTER"); role != nullptr) {
    role->needed = false;  // nobody waits for it in an outage; docs/database.md
    role->early = true;
    role->limit = kRoleInAnOutage;
  }
  if (!acknowledges) add_fence(plan, c, false);
  const auto epoch = seen.epoch() + 1;
  plan.add(Act::Capture, c.candidate, kLastWritten, "all there is").result = "all";
  add_note_closed(plan, {epoch, c.candidate.name, false}, "all",
                  "before anything is written: who is written to, and that it is alone");
  plan.add(Act::Statement, c.candidate, kWaitForNobody, "there is no replica to wait for");
  plan.add(Act::Statement, c.candidate, begin_epoch(epoch, c.candidate, "failover"),
           "bookd refuses the old term from here; what was applied is on the disk with it");
  if (c.candidate.applier)
    plan.add(Act::Statement, c.candidate, "RESET SLAVE ALL", "it replicates from nobody");
  add_note(plan, {epoch, c.candidate.name, false}, "from here on it may be written to");
  plan.add(Act::Statement, c.candidate, kOpen, "writes go on");
  return plan;
}

}  // namespace booking::pair

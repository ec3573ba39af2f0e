#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

constexpr const char* kUntilItHasAll =
    "until it has everything again: a failover in between would lose something";

/// What the node has and the source has not, in words; empty when the histories are one.
std::string parted(const NodeSeen& node, const NodeSeen& source) {
  // A replica that is connected may have been asked later than its source: it is ahead of what was
  // seen, not of it. Were it ahead the source would not have taken it.
  const bool live = node.replicates_from(source) && node.applier->connected;
  std::string out;
  for (const auto& errant : node.log.errant(source.log))
    if (!live || errant.through.server != source.server_id)
      out += (out.empty() ? "" : ", ") + errant.to_string();
  if (!out.empty()) return out;
  if (!live && !source.position().covers(node.holds()))
    return fmt::format("what comes after {} up to {}, received and not applied",
                       source.position().to_string(), node.holds().to_string());
  return {};
}

/// Whether the node must be made anew; judges what stands in the way of coming back.
bool judge_history(Plan& plan, const NodeSeen& node, const NodeSeen& source, const Wishes& wishes) {
  if (!node.reachable) {
    plan.judge("reachable", wishes.reprovision,
               wishes.reprovision
                   ? node.name + " does not answer and is made anew"
                   : fmt::format("{}: {}; start it, or make it anew with --reprovision", node.name,
                                 node.why),
               Word::Forbids);
    return true;
  }
  const auto extra = parted(node, source);
  const bool reaches_back = node.position().covers(source.oldest);
  plan.judge(
      "one-history", extra.empty() || wishes.reprovision,
      extra.empty() ? fmt::format("{} has nothing that {} has not", node.name, source.name)
      : wishes.reprovision
          ? fmt::format("{} has {}, which {} has not: kept in a copy of its logs, and thrown away",
                        node.name, extra, source.name)
          : fmt::format(
                "{} has {}, which {} has not. Nobody can tell whether they were acknowledged: look "
                "at them"
                " (`db-node show-log`), then --reprovision keeps its logs and copies the primary",
                node.name, extra, source.name));
  plan.judge(
      "log-reaches-back", reaches_back || wishes.reprovision,
      reaches_back
          ? fmt::format("{} still has the log after {}", source.name, node.position().to_string())
          : fmt::format("{} keeps its log only after {}: {} must be copied anew (--reprovision)",
                        source.name, source.oldest.to_string(), node.name));
  return wishes.reprovision;
}

}  // namespace

Plan plan_rejoin(const PairSeen& seen, const Terms& terms, const Wishes& wishes) {
  Plan plan;
  plan.verb = "rejoin";
  judge_one_writer(plan, seen);
  const auto* const source = writer_of(seen);
  if (source == nullptr) return plan;
  const auto& node = seen.other(*source);
  plan.judge("target", wishes.target.empty() || wishes.target == node.name,
             wishes.target == source->name
                 ? source->name + " is the primary"
                 : fmt::format("{} becomes the replica of {}", node.name, source->name));
  const bool term =
      source->epoch.number == seen.epoch() && source->epoch.writer == source->server_id;
  plan.judge("term", term,
             term ? fmt::format("epoch {} is of {}", source->epoch.number, source->name)
                  : fmt::format("{} can be written to, but epoch {} is not its own", source->name,
                                seen.epoch()));
  const bool anew = judge_history(plan, node, *source, wishes);
  if (anew)
    plan.judge("commands", node.has_command && source->has_command,
               "a copy is made by the commands of both nodes (nodes[].command)");
  else {
    judge_settings(plan, node);
    judge_tls(plan, node, terms.tls);
  }
  if (plan.refused()) return plan;

  const bool alone_first = anew && source->waits_for_replica;
  if (anew) {
    plan.add(Act::Command, node, "save-logs",
             "its binary and relay logs are kept: what is in them is nowhere else")
        .limit = terms.copying;
    if (alone_first) {
      add_alone(plan, *source, seen.epoch(), kUntilItHasAll);
      plan.add(Act::Statement, *source, kWaitForNobody,
               "commits that wait for a replica would keep the copy waiting for ever");
    }
    auto& copy = plan.add(Act::Transfer, node, "receive " + source->log.to_string(),
                          "a physical copy of " + source->name + ", prepared and started");
    copy.from = source->name;
    copy.limit = terms.copying;
  }
  const bool follows =
      !anew && node.replicates_from(*source) && node.applier->connected && node.applier->applying;
  if (!follows) {
    // What it received and did not apply is deleted when it is started, and fetched again.
    if (!alone_first) add_alone(plan, *source, seen.epoch(), kUntilItHasAll);
    add_follow(plan, node, *source, terms, !anew && !node.applier);
  }
  add_sync(plan, *source, node, terms, {seen.epoch(), source->name, true});
  return plan;
}

}  // namespace booking::pair

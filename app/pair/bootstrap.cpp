#include "app/pair/planners.hpp"
#include "app/pair/rules.hpp"
#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

constexpr const char* kEpochTable =
    "CREATE TABLE IF NOT EXISTS mainstay.cluster_epoch (epoch BIGINT NOT NULL PRIMARY KEY, "
    "writer_id INTEGER NOT NULL,"
    " reason VARCHAR(16) NOT NULL, begins_after VARCHAR(255) NOT NULL, created_us BIGINT NOT NULL)";

void judge(Plan& plan, const NodeSeen& primary, const NodeSeen& replica, const Terms& terms,
           bool copy, bool follows) {
  for (const auto* node : {&primary, &replica}) {
    judge_settings(plan, *node);
    judge_tls(plan, *node, terms.tls);
  }
  plan.judge("server-ids", primary.server_id != replica.server_id,
             fmt::format("{}: {}, {}: {}", primary.name, primary.server_id, replica.name,
                         replica.server_id));
  plan.judge("no-pair-yet", primary.epoch.number == 0 && replica.epoch.number == 0,
             primary.epoch.number == 0 && replica.epoch.number == 0
                 ? "neither node has an epoch"
                 : "there is a pair already: `dbctl rejoin` brings a node back to it");
  const bool empty = follows || (replica.tables == 0 && replica.position().empty());
  plan.judge("replica-empty", empty,
             empty ? replica.name + " has no data"
                   : fmt::format("{} has {} tables and has come to {}: it must be empty",
                                 replica.name, replica.tables, replica.position().to_string()));
  if (copy)
    plan.judge("commands", primary.has_command && replica.has_command,
               primary.name +
                   " has data: the replica begins as a copy, made by the commands of both nodes"
                   " (nodes[].command)");
}

}  // namespace

Plan plan_bootstrap(const PairSeen& seen, const Terms& terms, const Wishes& wishes) {
  Plan plan;
  plan.verb = "bootstrap";
  const auto* const found = wishes.target.empty() ? &seen.nodes.front() : seen.find(wishes.target);
  plan.judge("target", found != nullptr,
             found == nullptr ? "there is no node " + wishes.target
                              : found->name + " becomes the primary");
  if (found == nullptr) return plan;
  const auto& primary = *found;
  const auto& replica = seen.other(primary);
  judge_reachable(plan, primary);
  judge_reachable(plan, replica);
  if (plan.refused()) return plan;
  // An earlier run came so far.
  const bool follows = replica.replicates_from(primary) && replica.log.errant(primary.log).empty();
  const bool copy = !follows && (primary.tables > 0 || !primary.position().empty());
  judge(plan, primary, replica, terms, copy, follows);
  plan.judge("replica-closed", replica.read_only,
             replica.name + (replica.read_only ? " takes no writes"
                                               : " can be written to: set read_only in its file"));
  if (plan.refused()) return plan;

  plan.add(Act::Statement, primary, kWaitForNobody, "there is no replica yet");
  if (copy) {
    auto& transfer = plan.add(Act::Transfer, replica, "receive " + primary.log.to_string(),
                              "a physical copy of " + primary.name);
    transfer.from = primary.name;
    transfer.limit = terms.copying;
  }
  add_follow(plan, replica, primary, terms, false);
  plan.add(Act::Statement, primary, "CREATE DATABASE IF NOT EXISTS mainstay",
           "what the pair knows of itself");
  plan.add(Act::Statement, primary, kEpochTable, "who may be written to, by terms");
  const Record record{1, primary.name, true};
  add_sync(plan, primary, replica, terms, record);
  plan.add(Act::Statement, primary, begin_epoch(1, primary, "bootstrap"), "the first term").limit =
      terms.catch_up;
  plan.add(Act::Statement, primary, kOpen, "the pair takes writes");
  return plan;
}

}  // namespace booking::pair

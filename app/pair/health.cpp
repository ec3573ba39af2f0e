#include "app/pair/health.hpp"

#include "app/pair/rules.hpp"
#include "app/pair/settings.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

void find_settings(Health& out, const PairSeen& seen) {
  for (const auto& node : seen.nodes) {
    if (!node.reachable) {
      out.findings.push_back(node.name + " does not answer: " + node.why);
      continue;
    }
    for (const auto& wrong : wrong_settings(node)) out.findings.push_back(node.name + ": " + wrong);
    if (node.out_of_room)
      out.findings.push_back(node.name + "'s disk is full: " +
                             (node.writable()
                                  ? "writes wait, and go on within a minute of room; `dbctl "
                                    "failover --kill` goes on elsewhere at once"
                                  : "what it should receive waits, and so do the primary's writes; "
                                    "make room, or `dbctl degrade`"));
  }
}

void find_record(Health& out, const PairSeen& seen, const NodeSeen& writer) {
  if (!seen.record) {
    out.findings.push_back("there is no record: a failover would have to name what may be lost");
  } else if (seen.record->epoch != seen.epoch() || seen.record->writer != writer.name) {
    out.findings.push_back(fmt::format("the record names {} in epoch {}, the nodes know epoch {}",
                                       seen.record->writer, seen.record->epoch, seen.epoch()));
  } else if (seen.record->in_sync && !writer.semi_sync) {
    out.findings.push_back(
        writer.name +
        " does not wait for its replica although the record says in sync: `dbctl degrade`"
        " or `dbctl restore-sync`, at once");
  }
  if (writer.epoch.number == 0)
    out.findings.push_back("there is no epoch: `dbctl bootstrap`");
  else if (writer.epoch.number < seen.epoch() || writer.epoch.writer != writer.server_id)
    out.findings.push_back(
        writer.name +
        " can be written to, but is not the writer of the last epoch: bookd refuses it");
}

void find_replica(Health& out, const NodeSeen& replica, const NodeSeen& writer) {
  if (!replica.reachable) return;
  if (!replica.replicates_from(writer)) {
    out.findings.push_back(
        fmt::format("{} is no replica of {}: `dbctl rejoin`", replica.name, writer.name));
    return;
  }
  const auto& applier = *replica.applier;
  if (!applier.connected)
    out.findings.push_back(
        fmt::format("{} does not receive{}", replica.name,
                    applier.receive_error.empty() ? "" : ": " + applier.receive_error));
  if (!applier.applying)
    out.findings.push_back(
        fmt::format("{} does not apply{}", replica.name,
                    applier.apply_error.empty() ? "" : ": " + applier.apply_error));
  if (replica.waits_for_replica)
    out.findings.push_back(replica.name +
                           " is a replica and would wait for acknowledgements itself");
  for (const auto& errant : replica.log.errant(writer.log))
    if (!applier.connected)
      out.findings.push_back(fmt::format("{} has {}, which {} has not", replica.name,
                                         errant.to_string(), writer.name));
}

std::string loss(const PairSeen& seen, const NodeSeen& writer) {
  const auto& replica = seen.other(writer);
  if (writer.semi_sync && writer.waits_for_replica)
    return known_in_sync(seen)
               ? "nothing that was acknowledged"
               : "what was acknowledged while the record did not say in sync: `dbctl restore-sync`";
  if (!replica.reachable)
    return "everything since the replica was last in sync: " + replica.name + " does not answer";
  return fmt::format("up to {} transactions: {} has {}, {} received {}",
                     replica.holds().missing(writer.position()), writer.name,
                     writer.position().to_string(), replica.name, replica.holds().to_string());
}

}  // namespace

Health assess(const PairSeen& seen) {
  Health out;
  find_settings(out, seen);
  const auto writable = seen.writable();
  if (writable.size() > 1) {
    out.state = State::TwoWriters;
    out.may_be_lost = "what the node of the lower epoch takes";
    out.findings.push_back(
        fmt::format("{} and {} can both be written to: kill the one of the lower epoch (`db-node "
                    "fence`), start it, `dbctl rejoin`",
                    writable[0]->name, writable[1]->name));
    return out;
  }
  if (writable.empty()) {
    out.state = State::Down;
    out.may_be_lost = "nothing more: no node takes writes";
    out.findings.push_back("no node can be written to: `dbctl failover --dry-run`");
    return out;
  }
  const auto& writer = *writable.front();
  out.writer = writer.name;
  find_record(out, seen, writer);
  find_replica(out, seen.other(writer), writer);
  out.may_be_lost = loss(seen, writer);
  for (const auto& node : seen.nodes)
    if (node.waits_by_file)
      out.findings.push_back(node.name +
                             " has rpl_semi_sync_master_enabled in an option file: take it out. As "
                             "a replica it would wait itself, and a restart cannot be told");
  const bool waits = writer.waits_for_replica && writer.semi_sync;
  if (!waits)
    out.findings.push_back(writer.name +
                           " acknowledges alone: `dbctl restore-sync` once the replica is back");
  else if (writer.semi_sync_replicas == 0)
    out.findings.push_back(
        "writes wait: no replica acknowledges. `dbctl rejoin` brings it back, `dbctl degrade` goes "
        "on without it");
  out.state = out.findings.empty() ? State::Well : State::Degraded;
  return out;
}

const char* to_string(State state) {
  switch (state) {
    case State::Well:
      return "well";
    case State::Degraded:
      return "degraded";
    case State::Down:
      return "down";
    case State::TwoWriters:
      return "two writers";
  }
  return "";
}

}  // namespace booking::pair

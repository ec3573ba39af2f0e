#include "tests/unit/app/pair/seen_pair.hpp"

#include "app/pair/settings.hpp"

#include <algorithm>

namespace booking::pair::testing {
namespace {

NodeSeen node(const char* name, std::uint32_t server_id) {
  NodeSeen out;
  out.name = name;
  out.host = "10.0.0." + std::to_string(server_id);
  out.port = 3306;
  out.has_command = true;
  out.reachable = true;
  out.server_id = server_id;
  out.written = position("0-31-100");
  out.log = state("0-31-100");
  out.epoch = {3, 31};
  out.tables = 5;
  for (const auto& needed : needed_settings())
    out.settings[std::string{needed.name}] = std::string{needed.value};
  out.settings["rpl_semi_sync_master_timeout"] = "3600000";
  out.settings["have_ssl"] = "YES";
  return out;
}

Applier applier_of(const NodeSeen& source) {
  Applier out;
  out.source_host = source.host;
  out.source_port = source.port;
  out.receiving = out.connected = out.applying = true;
  out.received = position("0-31-100");
  out.seconds_behind = 0;
  return out;
}

}  // namespace

PairSeen healthy() {
  PairSeen seen;
  seen.nodes = {node("db1", 31), node("db2", 32)};
  auto& primary = seen.nodes[0];
  primary.read_only = false;
  primary.waits_for_replica = primary.semi_sync = true;
  primary.semi_sync_replicas = 1;
  auto& replica = seen.nodes[1];
  replica.applied = position("0-31-100");
  replica.applier = applier_of(primary);
  seen.record = Record{3, "db1", true};
  return seen;
}

PairSeen primary_died(const char* received, const char* applied) {
  auto seen = healthy();
  unreachable(seen.nodes[0]);
  auto& replica = seen.nodes[1];
  replica.written = replica.applied = position(applied);
  replica.applier->connected = false;
  replica.applier->received = position(received);
  replica.applier->seconds_behind.reset();
  return seen;
}

PairSeen old_primary_back(const char* log, const char* at) {
  auto seen = healthy();
  auto& old = seen.nodes[0];
  old.read_only = true;
  old.waits_for_replica = old.semi_sync = false;
  old.semi_sync_replicas = 0;
  old.log = state(log);
  old.written = position(at);
  auto& primary = seen.nodes[1];
  primary.read_only = false;
  primary.applier.reset();
  primary.written = position("0-32-130");
  primary.log = state("0-31-100,0-32-130");
  primary.epoch = {4, 32};
  seen.record = Record{4, "db2", false};
  return seen;
}

Terms terms() { return {.replication_user = "replication", .tls_ca = "/ca.pem"}; }

GtidPosition position(const char* text) { return *GtidPosition::parse(text); }
GtidState state(const char* text) { return *GtidState::parse(text); }

void unreachable(NodeSeen& node) {
  NodeSeen out;
  out.name = node.name;
  out.host = node.host;
  out.port = node.port;
  out.has_command = node.has_command;
  out.why = "connection refused";
  node = out;
}

Word word_of(const Plan& plan, const std::string& rule) {
  const auto found = std::ranges::find(plan.verdicts, rule, &Verdict::rule);
  return found == plan.verdicts.end() ? Word::Holds : found->word;
}

std::string because_of(const Plan& plan, const std::string& rule) {
  const auto found = std::ranges::find(plan.verdicts, rule, &Verdict::rule);
  return found == plan.verdicts.end() ? "" : found->because;
}

std::vector<std::string> steps_of(const Plan& plan) {
  std::vector<std::string> out;
  for (const auto& step : plan.steps)
    out.push_back((step.act == Act::Note ? "record" : step.node) + ": " + step.text);
  return out;
}

std::size_t index_of(const Plan& plan, const std::string& beginning) {
  const auto found = std::ranges::find_if(
      plan.steps, [&](const Step& step) { return step.text.starts_with(beginning); });
  return static_cast<std::size_t>(found - plan.steps.begin());
}

bool has_step(const Plan& plan, const std::string& beginning) {
  return index_of(plan, beginning) < plan.steps.size();
}

}  // namespace booking::pair::testing

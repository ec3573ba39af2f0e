#include "app/dbctl/report.hpp"

#include "common/terminal_text.hpp"

#include <boost/json.hpp>

#include <fmt/core.h>

namespace booking::dbctl {
namespace {

namespace json = boost::json;

std::string role(const pair::NodeSeen& node) {
  if (!node.reachable) return "unreachable";
  if (!node.read_only) return "primary";
  return node.applier ? "replica" : "closed";
}

std::string replication(const pair::NodeSeen& node) {
  if (!node.reachable) return node.why;
  if (!node.applier)
    return node.waits_for_replica ? fmt::format("waits for {} replica", node.semi_sync_replicas)
                                  : "acknowledges alone";
  const auto& applier = *node.applier;
  auto out = applier.connected   ? std::string{"receives"}
             : applier.receiving ? "looks for its source"
                                 : "does not receive";
  out += applier.applying ? ", applies" : ", does not apply";
  if (applier.seconds_behind) out += fmt::format(", {} s behind", *applier.seconds_behind);
  return out;
}

json::value to_json(const pair::NodeSeen& node) {
  json::object out{{"name", node.name},
                   {"address", fmt::format("{}:{}", node.host, node.port)},
                   {"role", role(node)},
                   {"reachable", node.reachable}};
  if (!node.reachable) {
    out["why"] = node.why;
    return out;
  }
  out["server_id"] = node.server_id;
  out["version"] = node.version;
  out["writable"] = node.writable();
  out["epoch"] = node.epoch.number;
  out["position"] = node.position().to_string();
  out["received"] = node.holds().to_string();
  out["semi_sync"] = json::object{{"waits", node.waits_for_replica},
                                  {"active", node.semi_sync},
                                  {"replicas", node.semi_sync_replicas}};
  if (node.applier) {
    const auto& applier = *node.applier;
    json::object replica{{"source", fmt::format("{}:{}", applier.source_host, applier.source_port)},
                         {"connected", applier.connected},
                         {"applying", applier.applying},
                         {"receive_error", applier.receive_error},
                         {"apply_error", applier.apply_error}};
    if (applier.seconds_behind)
      replica["seconds_behind"] = *applier.seconds_behind;
    else
      replica["seconds_behind"] = nullptr;
    out["replica"] = std::move(replica);
  }
  return out;
}

}  // namespace

std::string render(const pair::PairSeen& seen, const pair::Health& health) {
  std::vector<std::vector<std::string>> rows{{"NODE", "ROLE", "EPOCH", "POSITION", "REPLICATION"}};
  for (const auto& node : seen.nodes)
    rows.push_back({node.name, role(node), node.reachable ? std::to_string(node.epoch.number) : "-",
                    node.reachable ? node.position().to_string() : "-", replication(node)});
  auto out = common::render_table(rows, "");
  out += fmt::format(
      "\nstate: {}\nrecord: {}\nlost if the primary died now: {}\n", pair::to_string(health.state),
      seen.record ? fmt::format("epoch {}, {}, {}", seen.record->epoch, seen.record->writer,
                                seen.record->in_sync ? "in sync" : "not in sync")
                  : "none",
      health.may_be_lost);
  for (const auto& finding : health.findings) out += "  ! " + finding + '\n';
  return out;
}

std::string render(const pair::Verdict& verdict) {
  return fmt::format("  {:8} {:20} {}\n", pair::to_string(verdict.word), verdict.rule,
                     verdict.because);
}

std::string render(const pair::Step& step) {
  const auto what =
      step.act == pair::Act::Transfer ? "provide | " + step.node + ": " + step.text : step.text;
  const auto where = step.act == pair::Act::Transfer ? step.from
                     : step.act == pair::Act::Note   ? std::string{"record"}
                                                     : step.node;
  auto out = fmt::format("{}: {}", where, what);
  if (step.act == pair::Act::Capture) out += fmt::format("  → {{{}}}", step.result);
  if (step.act == pair::Act::Expect) out += fmt::format("  = {}", step.result);
  if (step.act == pair::Act::Cover) out += fmt::format("  ⊇ {}", step.result);
  if (step.act == pair::Act::Reach) out += fmt::format("  until {} ⊇ {}", step.column, step.result);
  if (step.act == pair::Act::Await)
    out +=
        fmt::format("  until {}{}{}", step.column, step.column.empty() ? "" : " = ", step.result);
  return out;
}

std::string render(const pair::Step& step, const pair::StepEnd& end, bool undoing) {
  return fmt::format("  {:6} {:5} ms  {}{}{}\n",
                     end.done      ? "done"
                     : step.needed ? "FAILED"
                                   : "missed",
                     end.took.count(), undoing ? "(back) " : "", render(step),
                     end.words.empty() ? "" : "  [" + end.words + ']');
}

std::string render(const Compared& compared, const std::string& primary,
                   const std::string& replica) {
  std::string out;
  for (const auto& table : compared.tables)
    out += fmt::format("  {:8} {:40} {} rows on {}, {} on {}\n", table.equal ? "equal" : "DIFFERS",
                       table.name, table.rows_left, primary, table.rows_right, replica);
  return out + fmt::format("{} at {}; writes were held for {} ms\n",
                           compared.equal() ? "equal" : "the nodes differ", compared.at,
                           compared.held_ms);
}

json::value to_json(const pair::PairSeen& seen, const pair::Health& health) {
  json::array nodes;
  for (const auto& node : seen.nodes) nodes.push_back(to_json(node));
  json::array findings;
  for (const auto& finding : health.findings) findings.push_back(json::string{finding});
  json::object out{{"state", pair::to_string(health.state)},
                   {"writer", health.writer},
                   {"epoch", seen.epoch()},
                   {"may_be_lost", health.may_be_lost},
                   {"findings", std::move(findings)},
                   {"nodes", std::move(nodes)}};
  if (seen.record)
    out["record"] = json::object{
        {"epoch", seen.record->epoch},
        {"writer", seen.record->writer},
        {"in_sync", seen.record->in_sync},
        {"closed_at", seen.record->closed_at ? json::value(seen.record->closed_at->to_string())
                                             : json::value(nullptr)}};
  else
    out["record"] = nullptr;
  return out;
}

json::value to_json(const pair::Verdict& verdict) {
  return json::object{{"rule", verdict.rule},
                      {"word", pair::to_string(verdict.word)},
                      {"because", verdict.because}};
}

json::object to_json(const pair::Step& step) {
  return {{"node", step.node},
          {"act", pair::to_string(step.act)},
          {"text", render(step)},
          {"why", step.why},
          {"needed", step.needed}};
}

json::value to_json(const pair::Step& step, const pair::StepEnd& end, bool undoing) {
  auto out = to_json(step);
  out["done"] = end.done;
  out["found"] = end.words;
  out["ms"] = end.took.count();
  out["undoing"] = undoing;
  return out;
}

json::value to_json(const Compared& compared) {
  json::array tables;
  for (const auto& table : compared.tables)
    tables.push_back(json::object{{"name", table.name},
                                  {"rows", json::array{table.rows_left, table.rows_right}},
                                  {"equal", table.equal}});
  return json::object{{"at", compared.at},
                      {"held_ms", compared.held_ms},
                      {"equal", compared.equal()},
                      {"tables", std::move(tables)}};
}

}  // namespace booking::dbctl

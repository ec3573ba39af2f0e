#include "app/pair/rules.hpp"

#include "app/pair/settings.hpp"

#include <fmt/core.h>

namespace booking::pair {

const NodeSeen* writer_of(const PairSeen& seen) {
  const auto writable = seen.writable();
  return writable.size() == 1 ? writable.front() : nullptr;
}

bool known_in_sync(const PairSeen& seen) {
  return seen.record && seen.record->in_sync && seen.record->epoch == seen.epoch();
}

void judge_one_writer(Plan& plan, const PairSeen& seen) {
  const auto writable = seen.writable();
  const auto rule = "one-writer";
  if (writable.size() == 1)
    return plan.judge(rule, true, writable.front()->name + " alone can be written to");
  if (writable.empty())
    return plan.judge(
        rule, false,
        "no node can be written to: `dbctl status` says why, `dbctl failover` mends it");
  plan.judge(rule, false,
             fmt::format("{} and {} can both be written to, bookd writes to the one of the higher "
                         "epoch ({}: {}, {}: {}): kill the other one (`db-node fence`; read_only "
                         "would wait for what nobody acknowledges), start it, `dbctl rejoin`",
                         writable[0]->name, writable[1]->name, writable[0]->name,
                         writable[0]->epoch.number, writable[1]->name, writable[1]->epoch.number));
}

void judge_reachable(Plan& plan, const NodeSeen& node) {
  plan.judge("reachable", node.reachable,
             node.name + (node.reachable ? " answers" : ": " + node.why));
}

void judge_settings(Plan& plan, const NodeSeen& node) {
  std::string text;
  for (const auto& wrong : wrong_settings(node)) text += (text.empty() ? "" : "; ") + wrong;
  plan.judge("settings", text.empty(),
             node.name + ": " + (text.empty() ? "as the pair needs them" : text));
}

void judge_tls(Plan& plan, const NodeSeen& node, bool wanted) {
  if (!wanted) return plan.warn("tls", "replication without TLS, as the configuration says");
  const auto found = node.settings.find("have_ssl");
  plan.judge("tls", found != node.settings.end() && found->second == "YES",
             node.name + (found != node.settings.end() && found->second == "YES"
                              ? " speaks TLS"
                              : " has no certificate: set ssl_ca, ssl_cert and ssl_key"));
}

void judge_replicates(Plan& plan, const NodeSeen& replica, const NodeSeen& source) {
  const auto rule = "replicates";
  if (!replica.replicates_from(source))
    return plan.judge(
        rule, false,
        fmt::format("{} is no replica of {}: `dbctl rejoin`", replica.name, source.name));
  const auto& applier = *replica.applier;
  if (!applier.apply_error.empty() || !applier.receive_error.empty())
    return plan.judge(
        rule, false,
        fmt::format("{}: {}", replica.name,
                    applier.apply_error.empty() ? applier.receive_error : applier.apply_error));
  plan.judge(
      rule, applier.connected && applier.applying && applier.by_gtid,
      fmt::format("{} {}{}{}", replica.name, applier.connected ? "receives" : "does not receive",
                  applier.applying ? ", applies" : ", does not apply",
                  applier.by_gtid ? "" : ", and not by GTID"));
}

void judge_role(Plan& plan, const NodeSeen& node) {
  if (node.has_command)
    return plan.judge("role-after-crash", true,
                      node.name + " alone keeps every commit over a crash (init_rpl_role)");
  plan.warn("role-after-crash",
            fmt::format("{} has no command: start it with --init-rpl-role=MASTER while it is "
                        "alone, or a crash takes"
                        " back its last commits although they were acknowledged",
                        node.name));
}

}  // namespace booking::pair

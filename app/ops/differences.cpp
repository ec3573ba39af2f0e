#include "app/ops/differences.hpp"

#include <algorithm>

namespace booking::ops {
namespace {

Health severity_of(Health now) {
  return now == Health::Absent || now == Health::Bad ? Health::Bad : now;
}

}  // namespace

std::vector<Event> differences(const Overview& before, const Overview& after) {
  std::vector<Event> events;
  const auto add = [&](Health severity, std::string text) {
    events.push_back({after.at, severity, std::move(text)});
  };
  for (const auto& node : after.nodes) {
    const auto old = std::ranges::find(before.nodes, node.name, &Node::name);
    if (old == before.nodes.end() || *old == node) continue;
    if (old->health != node.health)
      add(severity_of(node.health), node.name + ": " + std::string{to_string(old->health)} + " → " +
                                        std::string{to_string(node.health)} +
                                        (node.word.empty() ? "" : " (" + node.word + ")"));
    else
      add(node.health, node.name + ": " + old->word + " → " + node.word);
  }
  for (const auto& router : after.routers) {
    const auto old = std::ranges::find(before.routers, router.address, &Router::address);
    if (old == before.routers.end() || old->owner == router.owner) continue;
    add(router.owner ? Health::Warning : Health::Bad, "VIP " + router.address + ": " +
                                                          old->owner.value_or("–") + " → " +
                                                          router.owner.value_or("–"));
  }
  for (const auto& row : after.endpoint_rows) {
    const auto old = std::ranges::find_if(before.endpoint_rows, [&](const auto& one) {
      return one.upstream == row.upstream && one.address == row.address &&
             one.seen_by == row.seen_by;
    });
    if (old == before.endpoint_rows.end() || old->state == row.state) continue;
    add(row.state == "up" ? Health::Good : Health::Warning,
        row.address + " (" + row.seen_by + "): " + old->state + " → " + row.state);
  }
  for (const auto& alert : after.alert_rows) {
    const bool known = std::ranges::any_of(before.alert_rows, [&](const auto& one) {
      return one.name == alert.name && one.since == alert.since;
    });
    if (!known)
      add(alert.severity == "critical" ? Health::Bad : Health::Warning, "alert: " + alert.name);
  }
  if (before.backup != after.backup)
    add(severity_of(after.backup), "backup: " + std::string{to_string(before.backup)} + " → " +
                                       std::string{to_string(after.backup)});
  return events;
}

}  // namespace booking::ops

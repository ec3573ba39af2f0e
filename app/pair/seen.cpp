#include "app/pair/seen.hpp"

#include "common/contract.hpp"

#include <algorithm>

namespace booking::pair {

GtidPosition NodeSeen::holds() const {
  auto out = position().joined(relay_end);
  return applier ? out.joined(applier->received) : out;
}

bool NodeSeen::has_hole() const {
  if (!relay_first || position().covers(relay_end)) return false;
  return position().missing(GtidPosition::at(*relay_first)) > 1;
}

bool NodeSeen::replicates_from(const NodeSeen& source) const {
  return applier && applier->source_host == source.host && applier->source_port == source.port;
}

const NodeSeen* PairSeen::find(const std::string& name) const {
  const auto found = std::ranges::find(nodes, name, &NodeSeen::name);
  return found == nodes.end() ? nullptr : &*found;
}

const NodeSeen& PairSeen::other(const NodeSeen& node) const {
  common::expects(nodes.size() == 2, "a pair is two nodes");
  return nodes.front().name == node.name ? nodes.back() : nodes.front();
}

std::vector<const NodeSeen*> PairSeen::writable() const {
  std::vector<const NodeSeen*> out;
  for (const auto& node : nodes)
    if (node.writable()) out.push_back(&node);
  return out;
}

std::uint64_t PairSeen::epoch() const {
  std::uint64_t out = record ? record->epoch : 0;
  for (const auto& node : nodes)
    if (node.reachable) out = std::max(out, node.epoch.number);
  return out;
}

}  // namespace booking::pair

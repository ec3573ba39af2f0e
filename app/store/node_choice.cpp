#include "app/store/node_choice.hpp"

#include <algorithm>

namespace booking::store {
namespace {

using State = NodeView::State;

bool known(const NodeView& node) {
  return node.state == State::Answers || node.state == State::Silent;
}

void choose_writer(std::span<const NodeView> nodes, std::int64_t highest, Choice& out) {
  std::vector<std::size_t> fit;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    if (known(node)) {
      out.writable += node.standing.read_only ? 0 : 1;
      const auto refusal = refusal_of(node.standing, highest);
      if (refusal.empty())
        fit.push_back(i);
      else if (!node.standing.read_only)
        out.reasons.push_back("database node " + node.name + ' ' + refusal);
    }
  }
  if (fit.size() == 1) out.writer = fit.front();
  if (fit.size() > 1)
    out.reasons.push_back("database nodes " + nodes[fit[0]].name + " and " + nodes[fit[1]].name +
                          " both take writes and no epoch says which is right: neither is written "
                          "to (dbctl status)");
}

bool a_replica_follows_who_is_gone(std::span<const NodeView> nodes) {
  const auto gone = [](const NodeView& node) { return node.state == State::Gone; };
  const auto follows = [](const NodeView& node) {
    return node.state == State::Answers && node.standing.read_only && node.standing.follows;
  };
  return std::ranges::any_of(nodes, gone) && std::ranges::any_of(nodes, follows);
}

void tell_why_none(std::span<const NodeView> nodes, Choice& out) {
  for (const auto& node : nodes) {
    if (node.state == State::Unseen)
      out.reasons.push_back("database node " + node.name + " has not been looked at yet");
    if (node.state == State::Gone)
      out.reasons.push_back("database node " + node.name + ": " + node.why);
    if (known(node) && node.standing.read_only)
      out.reasons.push_back("database node " + node.name + " is read-only");
  }
}

}  // namespace

std::string refusal_of(const Standing& standing, std::int64_t highest) {
  if (standing.read_only) return "is read-only";
  if (standing.epoch < highest)
    return "takes writes in epoch " + std::to_string(standing.epoch) + ", but epoch " +
           std::to_string(highest) + " has begun: it is no primary any more";
  if (!standing.named)
    return "takes writes, but epoch " + std::to_string(standing.epoch) + " names another node";
  return {};
}

Choice choose(std::span<const NodeView> nodes, std::int64_t highest) {
  Choice out;
  choose_writer(nodes, highest, out);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    out.reachable = out.reachable || known(node);
    // A node that takes writes it should not take may have rows that are nowhere else.
    if (node.state == State::Answers && node.standing.read_only && node.standing.epoch >= highest)
      out.readers.push_back(i);
  }
  out.primary_lives = !out.writer && a_replica_follows_who_is_gone(nodes);
  out.reads_elsewhere = !out.writer || nodes[*out.writer].state == State::Silent;
  if (!out.writer)
    tell_why_none(nodes, out);
  else if (out.reads_elsewhere)
    out.reasons.push_back("database node " + nodes[*out.writer].name + " is silent");
  return out;
}

}  // namespace booking::store

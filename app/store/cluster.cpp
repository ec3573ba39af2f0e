#include "app/store/cluster.hpp"

namespace booking::store {

Standing standing_of(Session& session) {
  const auto self = session.query("SELECT @@global.read_only, @@global.server_id");
  Standing standing{.read_only = self.at(0).integer(0) != 0};
  try {
    const auto newest = session.query(
        "SELECT epoch, writer_id FROM mainstay.cluster_epoch ORDER BY epoch DESC LIMIT 1");
    if (!newest.empty()) {
      standing.epoch = newest.front().integer(0);
      standing.named = newest.front().integer(1) == self.front().integer(1);
    }
  } catch (const SqlError& error) {
    if (error.trouble() != Trouble::Missing) throw;  // a pair that dbctl does not look after
  }
  return standing;
}

std::string refusal_of(const Standing& standing, std::int64_t highest) {
  if (standing.read_only) return "is read-only";
  if (standing.epoch < highest)
    return "takes writes in epoch " + std::to_string(standing.epoch) + ", but epoch " +
           std::to_string(highest) + " has begun: it is no primary any more";
  if (!standing.named)
    return "takes writes, but epoch " + std::to_string(standing.epoch) + " names another node";
  return {};
}

std::string Cluster::judge(Session& session) {
  const auto standing = standing_of(session);
  auto highest = highest_.load();
  while (standing.epoch > highest && !highest_.compare_exchange_weak(highest, standing.epoch)) {
  }
  return refusal_of(standing, highest_);
}

bool Cluster::is_current(Session& session) { return judge(session).empty(); }

std::unique_ptr<Session> Cluster::open_writable(std::chrono::seconds io_timeout) {
  const auto count = options_.nodes.size();
  const auto first = last_writable_.load();
  bool reachable = false;
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = (first + i) % count;
    const auto& node = options_.nodes[index];
    try {
      auto connection = std::make_unique<MariadbSession>(node, options_, io_timeout);
      const auto refusal = judge(*connection);
      if (refusal.empty()) {
        last_writable_ = index;
        ++connects_;
        return connection;
      }
      reachable = true;
      reasons.push_back("database node " + node.to_string() + ' ' + refusal);
    } catch (const SqlError& error) {
      reasons.push_back("database node " + node.to_string() + ": " + error.what());
    }
  }
  throw NoWritableNode{reachable, std::move(reasons)};
}

}  // namespace booking::store

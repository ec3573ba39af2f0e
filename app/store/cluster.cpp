#include "app/store/cluster.hpp"

namespace booking::store {

bool is_read_only(Session& connection) {
  return connection.query("SELECT @@global.read_only").at(0).integer(0) != 0;
}

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
      if (!is_read_only(*connection)) {
        last_writable_ = index;
        ++connects_;
        return connection;
      }
      reachable = true;
      reasons.push_back("database node " + node.to_string() + " is read-only");
    } catch (const SqlError& error) {
      reasons.push_back("database node " + node.to_string() + ": " + error.what());
    }
  }
  throw NoWritableNode{reachable, std::move(reasons)};
}

}  // namespace booking::store

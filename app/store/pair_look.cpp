#include "app/store/pair_look.hpp"

#include "app/store/cluster.hpp"
#include "app/store/mariadb_session.hpp"

#include <exception>

namespace booking::store {

std::vector<NodeLook> look_at_nodes(const MariadbOptions& options) {
  std::vector<NodeLook> looks;
  for (const auto& node : options.nodes) {
    NodeLook look{.node = node.to_string(), .position = {}, .error = {}};
    try {
      MariadbSession session{node, options, std::chrono::seconds{1}};
      const auto standing = standing_of(session);
      look.answers = true;
      look.writable = !standing.read_only && standing.named;
      look.position = standing.position;
    } catch (const std::exception& error) {
      look.error = error.what();
    }
    looks.push_back(std::move(look));
  }
  return looks;
}

}  // namespace booking::store

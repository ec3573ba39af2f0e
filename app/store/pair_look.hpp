#pragma once

#include "app/store/mariadb_store.hpp"

#include <string>
#include <vector>

namespace booking::store {

/// What a database node says of itself to bookd's own account.
struct NodeLook {
  std::string node;  // `10.0.0.31:3306`, or a file's name
  bool answers{false};
  bool writable{false};
  bool alone{false};     // a file: there is no pair
  std::string position;  // GTID position, empty without one
  std::string error;
};

/// Asks every node, one after the other; blocks, each for the connect timeout at most and a
/// statement's time.
std::vector<NodeLook> look_at_nodes(const MariadbOptions& options);

}  // namespace booking::store

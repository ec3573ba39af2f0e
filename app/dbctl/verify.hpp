#pragma once

#include "app/dbctl/config/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace booking::dbctl {

/// A table on both nodes: rows, and a digest of all that is in them.
struct TableCompared {
  std::string name;  // `bookd.booking`
  std::uint64_t rows_left{0};
  std::uint64_t rows_right{0};
  bool equal{false};
};

struct Compared {
  std::string at;  // the GTID position of both snapshots
  std::vector<TableCompared> tables;
  std::int64_t held_ms{0};  // writes waited that long while the snapshots were made

  bool equal() const;
};

/// Compares every table of the application and of mainstay in snapshots of one position. Writes
/// wait while the snapshots are opened, two seconds at most. Throws SqlError.
Compared verify(const Options& options, const NodeOptions& primary, const NodeOptions& replica);

}  // namespace booking::dbctl

#pragma once

#include "app/store/mariadb_session.hpp"
#include "app/store/mariadb_store.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace booking::store {

/// No node can be written to; says of each why.
class NoWritableNode : public std::runtime_error {
 public:
  NoWritableNode(bool reachable, std::vector<std::string> reasons)
      : std::runtime_error{"no writable database node"},
        reachable_{reachable},
        reasons_{std::move(reasons)} {}

  bool reachable() const { return reachable_; }  // some node answered, but is read-only
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  bool reachable_;
  std::vector<std::string> reasons_;
};

/// Which node is written to. Thread-safe.
class Cluster {
 public:
  explicit Cluster(const MariadbOptions& options) : options_{options} {}

  /// A connection to a node that is not read-only: first the one that was so last, then in the
  /// options' order. Throws NoWritableNode.
  std::unique_ptr<Session> open_writable(
      std::chrono::seconds io_timeout = MariadbSession::kIoTimeout);

  /// Says that what connections of this epoch lead to may no longer be the writable node; each is
  /// dropped before its next use. Otherwise a demoted node would go on answering reads from old
  /// data.
  void doubt() { ++epoch_; }
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t connects() const { return connects_; }

 private:
  const MariadbOptions& options_;  // the store's, which outlives this
  std::atomic<std::size_t> last_writable_{0};
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::uint64_t> connects_{0};
};

/// Whether the node refuses writes right now.
bool is_read_only(Session& connection);

}  // namespace booking::store

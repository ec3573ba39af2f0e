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
  /// Whether the node of this session is (still) the one to be written to.
  bool is_current(Session& session);
  std::uint64_t connects() const { return connects_; }

 private:
  const MariadbOptions& options_;  // the store's, which outlives this
  std::atomic<std::size_t> last_writable_{0};
  /// Why the node is not to be written to; empty when it is. Remembers the highest epoch.
  std::string judge(Session& session);

  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::int64_t> highest_{0};
  std::atomic<std::uint64_t> connects_{0};
};

/// What a node says of its own place in the pair.
struct Standing {
  bool read_only{true};
  /// Newest row of mainstay.cluster_epoch, which dbctl writes before it opens a node; 0 without it.
  std::int64_t epoch{0};
  bool named{true};  // that row names this very node as the writer
};
Standing standing_of(Session& session);

/// Why a node of that standing is not to be written to when `highest` is the highest epoch seen so
/// far; empty when it may be.
std::string refusal_of(const Standing& standing, std::int64_t highest);

}  // namespace booking::store

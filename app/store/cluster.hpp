#pragma once

#include "app/pair/gtid.hpp"
#include "app/store/mariadb_session.hpp"
#include "app/store/mariadb_store.hpp"
#include "app/store/node_choice.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace booking::store {

/// What is known of the nodes, told by those who look at them, and so where sessions lead. Sessions
/// are numbered by generations, of writes and of reads apart. Thread-safe.
class Cluster {
 public:
  explicit Cluster(const MariadbOptions& options);

  // For who looks.
  void tell(std::size_t node, NodeView::State state, Standing standing, std::string why);
  /// It has not answered for a while; nothing when it was not known to answer.
  void tell_silent(std::size_t node);
  /// Returns after `pause`, or as soon as somebody doubts or it closes.
  void wait(std::chrono::milliseconds pause);
  /// Look again, now.
  void doubt();
  /// Nobody waits any more.
  void close();

  // For who works.
  Choice choice() const;
  /// A session with the writer, looked at once more. Throws SqlError when there is none.
  std::unique_ptr<Session> open_writable(
      std::chrono::seconds io_timeout = MariadbSession::kIoTimeout);
  /// With the writer; while it is away with a replica that has all that was written through this
  /// program, and all the writer had when it was looked at last. Throws SqlError.
  std::unique_ptr<Session> open_readable();
  /// A transaction was acknowledged.
  void wrote(const std::string& gtid);

  struct Generation {
    std::uint64_t now{0};      // sessions of an earlier one are dropped before their next use
    std::uint64_t severed{0};  // of an earlier one than this they are shut at once
  };
  Generation writes() const;
  Generation reads() const;
  std::uint64_t connects() const;

 private:
  std::string position() const;
  void update();

  const MariadbOptions& options_;  // the store's, which outlives this
  mutable std::mutex mutex_;
  std::condition_variable look_there_;
  std::uint64_t doubts_{0};
  bool closed_{false};
  std::vector<NodeView> nodes_;
  std::int64_t highest_{0};
  Choice choice_;
  Generation writes_;
  Generation reads_;
  pair::GtidPosition written_;  // MariaDB's
  std::string written_text_;    // of any other server: the last
  std::uint64_t connects_{0};
};

Standing standing_of(Session& session);

}  // namespace booking::store

#pragma once

#include "app/store/cluster.hpp"
#include "common/time.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace booking::store {

/// Looks at one node again and again on a thread of its own, and tells the cluster.
class Scout {
 public:
  Scout(Cluster& cluster, const MariadbOptions& options, std::size_t node);
  Scout(const Scout&) = delete;
  Scout& operator=(const Scout&) = delete;
  /// The cluster must have been closed.
  ~Scout();

  /// Says so when the look under way takes long; by whoever has the time.
  void watch(common::TimePoint now);

 private:
  void run();
  void look();
  void hold(std::unique_ptr<MariadbSession> session);

  Cluster& cluster_;
  const MariadbOptions& options_;
  std::size_t node_;
  std::unique_ptr<MariadbSession> session_;
  std::mutex mutex_;  // guards what follows
  bool stopping_{false};
  int socket_{-1};
  std::optional<common::TimePoint> looking_since_;
  std::jthread thread_;
};

}  // namespace booking::store

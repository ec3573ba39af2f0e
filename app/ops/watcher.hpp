#pragma once

#include "app/ops/differences.hpp"
#include "app/ops/ops_options.hpp"
#include "app/ops/overview.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace booking::ops {

/// Looks around on a thread of its own, as long as it lives. Thread-safe.
class Watcher {
 public:
  static constexpr std::size_t kMostEvents = 100;

  /// Asks the database's nodes; blocks.
  using DatabaseLook = std::function<std::vector<store::NodeLook>()>;

  Watcher(OpsOptions options, DatabaseLook look);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  struct Snapshot {
    std::uint64_t version{0};  // grows with every look
    std::string json;          // empty before the first
  };
  Snapshot snapshot() const;

 private:
  void run();
  Answers ask() const;
  void publish(Overview overview);

  const OpsOptions options_;
  const DatabaseLook look_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable stop_there_;
  bool stopping_{false};
  Snapshot snapshot_;
  std::deque<Event> events_;  // newest first
  std::optional<Overview> last_;
  std::jthread thread_;
};

}  // namespace booking::ops

#pragma once

#include "app/store/cluster.hpp"
#include "app/store/source.hpp"
#include "app/store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace booking::store {

/// Looks after the database on a thread of its own: waits for it to appear, brings its schema up to
/// date, probes it, and tells what it found. The only one who decides readiness.
class Keeper final : public Source {
 public:
  Keeper(Cluster& cluster, const MariadbOptions& options);
  ~Keeper() override;

  Readiness readiness() const;
  std::unique_ptr<Session> open(common::TimePoint deadline) override;
  std::uint64_t generation() const override { return cluster_.epoch(); }
  void doubt(const SqlError& why) override {
    if (why.trouble() == Trouble::ReadOnly) cluster_.doubt();
  }

 private:
  enum class Schema { Unknown, Right, Wrong };
  void run();
  Readiness look();
  void check_connection();
  void bring_schema_up_to_date();
  void hold(std::unique_ptr<Session> connection);
  void release();
  void publish(const Readiness& found);
  bool wait(std::chrono::milliseconds pause);

  Cluster& cluster_;
  const MariadbOptions& options_;
  std::atomic<Schema> schema_{Schema::Unknown};
  std::unique_ptr<Session> connection_;
  bool schema_checked_{false};  // on this connection
  std::string mismatch_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable stop_there_;
  bool stopping_{false};
  int socket_{-1};  // of connection_, to end a blocked call when stopping
  Readiness readiness_;
  std::jthread thread_;
};

}  // namespace booking::store

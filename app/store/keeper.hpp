#pragma once

#include "app/store/cluster.hpp"
#include "app/store/scout.hpp"
#include "app/store/source.hpp"
#include "app/store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace booking::store {

/// Looks after the database on a thread of its own: has each node looked at, brings the schema up
/// to date where it is written to, and tells what it found. The only one who decides readiness.
class Keeper {
 public:
  Keeper(Cluster& cluster, const MariadbOptions& options);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  Readiness readiness() const;
  /// Throws NoNode unless the schema is one this program can work with, and SqlError when that of
  /// the node now written to was not looked at yet.
  void require_schema(bool to_write) const;

 private:
  enum class Schema { Unknown, Right, Wrong };
  void run();
  Readiness look(const Choice& choice, common::TimePoint now);
  void bring_schema_up_to_date();
  void look_at_schema();
  void tell_of_two(const Choice& choice, common::TimePoint now);
  bool cut_off(const Choice& choice, common::TimePoint now);
  void hold(std::unique_ptr<Session> connection);
  void release();
  void publish(const Readiness& found, const Choice& choice);
  bool wait(std::chrono::milliseconds pause);

  Cluster& cluster_;
  const MariadbOptions& options_;
  std::atomic<Schema> schema_{Schema::Unknown};
  std::vector<std::unique_ptr<Scout>> scouts_;
  std::unique_ptr<Session> connection_;           // while the schema is brought up to date
  std::atomic<std::uint64_t> schema_checked_{0};  // in this generation of writes; 0: in none
  std::optional<common::TimePoint> two_since_;    // take writes
  std::optional<common::TimePoint> cut_since_;    // the primary lives, and does not answer us
  bool two_told_{false};
  std::string mismatch_;
  std::string writer_;        // as it was told last
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable stop_there_;
  bool stopping_{false};
  int socket_{-1};  // of connection_, to end a blocked call when stopping
  Readiness readiness_;
  std::jthread thread_;
};

}  // namespace booking::store

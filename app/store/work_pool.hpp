#pragma once

#include "app/store/errc.hpp"
#include "app/store/source.hpp"
#include "common/time.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace booking::store {

class WorkPool;

/// A thread's place at the database: at most one session, opened when first needed.
class Lane {
 public:
  Lane(WorkPool& pool, Source& source) : pool_{pool}, source_{source} {}

  /// The session, opened if there is none; throws NoNode and SqlError.
  Session& session();
  /// The session that is open, or nothing.
  Session* open_session() { return session_.get(); }
  /// Forgets a session that broke or leads to the wrong node.
  void drop();
  Source& source() { return source_; }

 private:
  friend class WorkPool;

  WorkPool& pool_;
  Source& source_;
  std::unique_ptr<Session> session_;
  std::uint64_t generation_{0};
  // Guarded by the pool's mutex: what the watchdog needs to cut a blocked call short.
  int socket_{-1};
  std::uint64_t opened_in_{0};  // which generation
  std::optional<common::TimePoint> deadline_;
};

/// One operation. Exactly one of run and refuse is called, once.
class Job {
 public:
  explicit Job(common::TimePoint deadline) : deadline_{deadline} {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  virtual void run(Lane& lane) = 0;
  virtual void refuse(Errc why) = 0;
  common::TimePoint deadline() const { return deadline_; }

 private:
  common::TimePoint deadline_;
};

/// Threads that may block, a bounded queue before them, and a watchdog that ends what is over its
/// deadline: waiting jobs by refusing them, running ones by shutting their socket down, and those
/// whose session leads nowhere any more as well.
class WorkPool {
 public:
  WorkPool(Source& source, std::size_t threads, std::size_t queue);
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;
  ~WorkPool();

  void submit(std::unique_ptr<Job> job);

  std::uint64_t operations() const;
  std::uint64_t overloaded() const;
  std::uint64_t lost() const;
  std::size_t queue_length() const;
  bool stopping() const;

 private:
  friend class Lane;

  void work(Lane& lane);
  void watch();
  std::unique_ptr<Job> next(Lane& lane);
  void set_socket(Lane& lane, int socket, bool was_lost);

  std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable work_there_;
  std::condition_variable stop_there_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool stopping_{false};
  std::uint64_t operations_{0};
  std::uint64_t overloaded_{0};
  std::uint64_t lost_{0};
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::jthread> threads_;
  std::jthread watchdog_;
};

/// Keeps the process's signals away from the calling thread, for good: they belong to main.
void block_signals();

}  // namespace booking::store

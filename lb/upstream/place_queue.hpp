#pragma once

#include "common/time.hpp"
#include "lb/net/asio.hpp"
#include "lb/upstream/roster_view.hpp"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace lb::upstream {

/// A place at an endpoint, free or taken.
struct Place {
  std::shared_ptr<EndpointShared> endpoint;  // null: no place
  std::uint32_t most{0};                     // exchanges there at a time; 0: as many as come
};

/// Takes it if there is one.
bool take_place(EndpointShared& endpoint, std::uint32_t most);

/// A request that waits until one of the endpoints it may go to has a place for it. Belongs to one
/// worker; only what is marked is touched by others.
class QueuedRequest : public std::enable_shared_from_this<QueuedRequest> {
 public:
  QueuedRequest(const net::Executor& executor, std::uint8_t priority)
      : timer{executor, common::TimePoint::max()}, priority_{priority} {}

  net::Timer timer;  // wakes the one who waits; only its own worker touches it

 private:
  friend class PlaceQueue;
  const std::uint8_t priority_;
  std::vector<Place> wanted_;                                 // guarded by the queue
  Place granted_;                                             // guarded by the queue
  std::list<std::shared_ptr<QueuedRequest>>::iterator at_{};  // guarded by the queue
  bool queued_{false};                                        // guarded by the queue
  bool displaced_{false};                                     // guarded by the queue
};

/// Who waits for a place at the endpoints of one upstream, of all workers: the highest priority
/// first, and of one priority who came first. A place that is given back goes straight to the first
/// who may use it, on whichever worker: nobody who stands behind him gets it. Costs a load of one
/// atomic while nobody waits. Survives reloads.
class PlaceQueue {
 public:
  enum class Joined : std::uint8_t { Waiting, Granted, Full };

  /// Stands in line behind those who came before, unless a place has just become free or `most`
  /// stand there already. Then the last of them leaves if he is of less priority, displaced.
  Joined join(const std::shared_ptr<QueuedRequest>& request, std::vector<Place> wanted,
              std::uint32_t most);
  /// It may go elsewhere now. True when it was given a place by that.
  bool change(QueuedRequest& request, std::vector<Place> wanted);
  /// What became of a request that leaves the line.
  struct Left {
    Place granted;          // the place it has been given meanwhile, if any
    bool displaced{false};  // the line was full, and somebody of more priority came
  };
  Left leave(QueuedRequest& request);
  /// An exchange is over: its place goes to whoever waits for it.
  void give_back(const Place& place);

  /// Requests that wait now.
  std::uint32_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  bool displace_last(std::uint8_t priority);
  std::shared_ptr<QueuedRequest> first_for(const EndpointShared& endpoint);
  void remove(QueuedRequest& request);
  bool take_any(QueuedRequest& request);
  /// Wakes it on its own worker.
  static void wake(std::shared_ptr<QueuedRequest> request);

  std::atomic<std::uint32_t> waiting_{0};
  std::mutex mutex_;
  std::list<std::shared_ptr<QueuedRequest>> line_;
};

}  // namespace lb::upstream

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace lb::telemetry {

/// A bounded queue from workers to one thread that may be slow. A worker never waits for it: when
/// the queue is full, or somebody else is just looking at it, the worker keeps what it has and
/// comes again or drops it.
template <class T>
class Handover {
 public:
  explicit Handover(std::size_t most) : most_{most} { queue_.reserve(most); }

  /// Takes `value` (which is then empty) or leaves it alone and says no.
  bool try_push(T& value) { return push(value, std::unique_lock{mutex_, std::try_to_lock}); }
  /// The same for who cannot come again: waits for whoever is just looking, who is quick.
  bool push_last(T& value) { return push(value, std::unique_lock{mutex_}); }

  /// All that is there, in its order; waits for the first of it, for `wake`, the end or the time.
  std::vector<T> take(std::chrono::milliseconds longest) {
    std::vector<T> taken;
    taken.reserve(most_);
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, longest, [this] { return !queue_.empty() || woken_ || closed_; });
    woken_ = false;
    queue_.swap(taken);
    return taken;
  }

  void wake() {
    {
      const std::lock_guard lock{mutex_};
      woken_ = true;
    }
    wake_.notify_one();
  }
  /// Nothing more is taken in; what is there may still be taken out.
  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    wake_.notify_one();
  }
  bool closed() {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

 private:
  bool push(T& value, std::unique_lock<std::mutex> lock) {
    if (!lock || queue_.size() >= most_ || closed_) return false;
    queue_.push_back(std::exchange(value, {}));
    lock.unlock();
    wake_.notify_one();
    return true;
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<T> queue_;
  bool woken_{false};
  bool closed_{false};
};

}  // namespace lb::telemetry

#pragma once

#include "common/time.hpp"
#include "lb/filters/password_file.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace lb::filters {

/// The one thread that hashes passwords, and its queue. Workers go on serving meanwhile; more
/// threads would only take their processors. It is begun by the first worker that needs it, so it
/// has no more rights than a worker.
class PasswordPool {
 public:
  static constexpr std::size_t kMostWaiting = 64;

  PasswordPool() = default;
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;
  ~PasswordPool();

  /// A place for one `run`; false when all are taken.
  bool reserve();
  void run(std::function<void()> work);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  std::size_t reserved_{0};
  bool ending_{false};
  std::thread thread_;
};

/// What the last passwords turned out to be. Holds no password, only digests of them under a key of
/// this process; the older of two that meet in a place goes.
class PasswordMemory {
 public:
  static constexpr std::size_t kPlaces = 4096;
  static constexpr auto kRightFor = std::chrono::minutes{5};
  static constexpr auto kWrongFor = std::chrono::seconds{10};

  using Digest = std::array<unsigned char, 32>;

  PasswordMemory();
  Digest digest_of(const Credentials& credentials) const;
  /// Nothing when it is not known.
  std::optional<bool> recall(const Digest& digest, common::TimePoint now) const;
  void remember(const Digest& digest, bool right, common::TimePoint now);

 private:
  struct Place {
    Digest digest{};
    common::TimePoint until{common::TimePoint::min()};
    bool right{false};
  };
  static std::size_t index_of(const Digest& digest);

  Digest key_;
  mutable std::mutex mutex_;
  std::vector<Place> places_{kPlaces};
};

}  // namespace lb::filters

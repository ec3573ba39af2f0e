#pragma once

#include "lb/net/descriptor.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace lb::net {

class PipePool;

/// Content on its way from one socket to another within the kernel: it takes pages over instead of
/// copying octets. Goes back to its pool when it dies; one that still holds something is closed.
class Pipe {
 public:
  Pipe(Pipe&& other) noexcept
      : pool_{std::exchange(other.pool_, nullptr)},
        out_{std::move(other.out_)},
        in_{std::move(other.in_)},
        held_{std::exchange(other.held_, 0)} {}
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe();

  std::size_t held() const { return held_; }

 private:
  friend class PipePool;
  friend class Stream;
  Pipe(PipePool& pool, Descriptor out, Descriptor in)
      : pool_{&pool}, out_{std::move(out)}, in_{std::move(in)} {}

  PipePool* pool_;
  Descriptor out_;  // where content comes out
  Descriptor in_;
  std::size_t held_{0};
};

/// The pipes of one worker. Each holds as much as the system's default, 64 KiB.
class PipePool {
 public:
  static constexpr std::size_t kMost = 64;      // lent at a time
  static constexpr std::size_t kMostFree = 16;  // kept for the next ones

  PipePool() { free_.reserve(kMostFree); }
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;

  /// An empty one; nothing when all are lent or the system has no more: then octets are copied.
  std::optional<Pipe> take();
  std::size_t descriptors() const { return 2 * (lent_ + free_.size()); }

 private:
  friend class Pipe;
  void give_back(Pipe& pipe);

  std::size_t lent_{0};
  std::vector<std::pair<Descriptor, Descriptor>> free_;
};

}  // namespace lb::net

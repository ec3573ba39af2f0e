#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::net {

class BufferPool;

/// Memory of a fixed size with content in its middle: taken at the front, added at the back. Goes
/// back to its pool when it dies or is `release()`d. An empty handle holds no memory.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { release(); }

  explicit operator bool() const { return memory_ != nullptr; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view content() const { return {memory_ + begin_, end_ - begin_}; }
  char* data() { return memory_ + begin_; }

  /// Room behind the content.
  std::span<char> space() { return {memory_ + end_, capacity_ - end_}; }
  /// `count` octets of `space()` have become content.
  void commit(std::size_t count) { end_ += static_cast<std::uint32_t>(count); }
  void consume(std::size_t count) {
    begin_ += static_cast<std::uint32_t>(count);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }
  /// Moves the content to the front, which invalidates every view of it.
  void compact();
  void release();

 private:
  friend class BufferPool;
  void swap(Buffer& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  BufferPool* pool_{nullptr};
  char* memory_{nullptr};
  std::uint32_t capacity_{0};
  std::uint32_t begin_{0};
  std::uint32_t end_{0};
};

/// Buffers of one size of one worker. Keeps free ones warm: as many as are used again, which `trim`
/// looks at, and a few, by and by none when nobody needs any.
class BufferPool {
 public:
  static constexpr std::size_t kMostFree = 1024;
  static constexpr std::size_t kKept = 64;  // by `trim`, at first; half of them each time after it

  explicit BufferPool(std::size_t buffer_size) : buffer_size_{buffer_size} {
    free_.reserve(kMostFree);
  }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Buffer take();
  /// Of the buffers taken from now on; those lent keep theirs.
  void resize(std::size_t buffer_size);
  /// What has not been used since the last call goes to the system.
  void trim();
  std::size_t buffer_size() const { return buffer_size_; }
  std::size_t lent() const { return lent_; }
  std::size_t free() const { return free_.size(); }

 private:
  friend class Buffer;
  void give_back(char* memory, std::size_t size);

  std::size_t buffer_size_;
  std::size_t lent_{0};
  std::size_t least_free_{0};  // since the last trim: so many nobody needed
  std::vector<std::unique_ptr<char[]>> free_;
};

}  // namespace lb::net

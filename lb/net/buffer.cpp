#include "lb/net/buffer.hpp"

#include <algorithm>
#include <cstring>

namespace lb::net {

void Buffer::compact() {
  if (begin_ == 0) return;
  std::memmove(memory_, memory_ + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void Buffer::release() {
  if (memory_ == nullptr) return;
  pool_->give_back(memory_, capacity_);
  memory_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

Buffer BufferPool::take() {
  Buffer buffer;
  buffer.pool_ = this;
  buffer.capacity_ = static_cast<std::uint32_t>(buffer_size_);
  if (free_.empty()) {
    buffer.memory_ = new char[buffer_size_];
  } else {
    buffer.memory_ = free_.back().release();
    free_.pop_back();
    least_free_ = std::min(least_free_, free_.size());
  }
  ++lent_;
  return buffer;
}

void BufferPool::resize(std::size_t buffer_size) {
  if (buffer_size == buffer_size_) return;
  buffer_size_ = buffer_size;
  free_.clear();
  least_free_ = 0;
}

void BufferPool::trim() {
  const auto kept = std::max(free_.size() - least_free_, std::min(kKept, free_.size() / 2));
  if (free_.size() > kept) free_.resize(kept);
  least_free_ = free_.size();
}

void BufferPool::give_back(char* memory, std::size_t size) {
  std::unique_ptr<char[]> owned{memory};
  --lent_;
  if (size == buffer_size_ && free_.size() < kMostFree) free_.push_back(std::move(owned));
}

}  // namespace lb::net

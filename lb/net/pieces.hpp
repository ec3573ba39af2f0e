#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace lb::net {

/// A few pieces of memory that are sent as one.
class Pieces {
 public:
  static constexpr std::size_t kMost = 16;

  void add(std::string_view piece) {
    if (!piece.empty()) pieces_[count_++] = {const_cast<char*>(piece.data()), piece.size()};
    total_ += piece.size();
  }
  bool full() const { return count_ == kMost; }
  std::size_t total() const { return total_; }
  bool empty() const { return total_ == 0; }
  /// As the kernel takes them; it does not write there.
  std::span<iovec> vectors() { return {pieces_.data() + first_, count_ - first_}; }
  void consume(std::size_t octets);

 private:
  std::array<iovec, kMost> pieces_;
  std::size_t first_{0};
  std::size_t count_{0};
  std::size_t total_{0};
};

}  // namespace lb::net

#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace lb::http1 {

/// Appends to memory of a fixed size. What does not fit is left out and told by `overflowed()`:
/// check it once, at the end.
class Writer {
 public:
  explicit Writer(std::span<char> space)
      : begin_{space.data()}, at_{begin_}, end_{begin_ + space.size()} {}

  Writer& add(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size()) [[unlikely]] {
      overflowed_ = true;
      return *this;
    }
    at_ = std::copy(text.begin(), text.end(), at_);  // not memcpy: a view of nothing may be null
    return *this;
  }
  Writer& add_field(std::string_view name, std::string_view value) {
    return add(name).add(": ").add(value).add("\r\n");
  }

  bool overflowed() const { return overflowed_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
  char* end_;
  bool overflowed_{false};
};

}  // namespace lb::http1

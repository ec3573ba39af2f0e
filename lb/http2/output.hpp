#pragma once

#include "lb/http2/content.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

struct nghttp2_session;

namespace lb::http2 {

/// What nghttp2 has to say, put into memory of its owner's: control frames as it has written them,
/// content straight from where it is held.
class Output {
 public:
  /// Gives how many octets of `space` are filled; 0 when there is nothing to say. `failed`: nghttp2
  /// is out of memory.
  std::size_t produce(nghttp2_session* session, std::span<char> space, bool& failed);
  /// One DATA frame, as nghttp2's send-data callback has it. False: `space` has no room for it.
  bool put_content(const std::uint8_t* head, std::size_t length, LeavingContent& content);
  bool has_rest() const { return !rest_.empty(); }
  void drop() { rest_ = {}; }

 private:
  std::string_view rest_;  // of a frame, in nghttp2's memory
  std::span<char> space_;
  std::size_t produced_{0};
};

}  // namespace lb::http2

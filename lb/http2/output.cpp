#include "lb/http2/output.hpp"

#include "lb/http2/callbacks.hpp"
#include "lb/http2/frame_fields.hpp"

#include <algorithm>

namespace lb::http2 {

std::size_t Output::produce(nghttp2_session* session, std::span<char> space, bool& failed) {
  space_ = space;
  produced_ = 0;
  while (true) {
    const auto size = std::min(rest_.size(), space_.size() - produced_);
    std::copy_n(rest_.data(), size, space_.data() + produced_);
    produced_ += size;
    rest_.remove_prefix(size);
    if (!rest_.empty()) break;
    const std::uint8_t* data = nullptr;
    const auto count = nghttp2_session_mem_send(session, &data);
    failed = count < 0;
    if (count <= 0) break;
    rest_ = {reinterpret_cast<const char*>(data), static_cast<std::size_t>(count)};
  }
  return produced_;
}

bool Output::put_content(const std::uint8_t* head, std::size_t length, LeavingContent& content) {
  constexpr std::size_t kHead = 9;
  if (space_.size() - produced_ < kHead + length) return false;
  auto* const to = space_.data() + produced_;
  std::copy_n(head, kHead, to);
  std::copy_n(content.held().data(), length, to + kHead);
  produced_ += kHead + length;
  content.consume(length);
  return true;
}

ssize_t next_content(nghttp2_session* session, std::int32_t stream, const LeavingContent& content,
                     std::size_t length, std::uint32_t& flags) {
  const auto held = content.held().size();
  const bool whole = content.is_whole();
  if (held == 0 && !whole) return NGHTTP2_ERR_DEFERRED;
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (whole && held <= length) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (content.trailers().size() > 2) {  // more than its empty line
      FrameFields fields;
      fields.take_trailers(content.trailers());
      flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      if (nghttp2_submit_trailer(session, stream, fields.data(), fields.size()) != 0)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
  }
  return static_cast<ssize_t>(std::min(held, length));
}

}  // namespace lb::http2

#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <nghttp2/nghttp2.h>
#include <string_view>

namespace lb::http2 {

/// What a callback gives back to end the connection.
inline constexpr int kFatal = NGHTTP2_ERR_CALLBACK_FAILURE;

inline std::string_view text_of(const std::uint8_t* octets, std::size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

inline bool ends_stream(const nghttp2_frame& frame) {
  return (frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS) &&
         (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

/// Of a DATA frame: it brings nothing, not even the end.
inline bool is_mere_padding(const nghttp2_frame& frame) {
  return frame.hd.length > 0 && frame.hd.length == frame.data.padlen && !ends_stream(frame);
}

/// What nghttp2 calls of `Events`; made once. Throws bad_alloc.
template <class Events>
const nghttp2_session_callbacks* callbacks_of() {
  static const auto* const made = [] {
    nghttp2_session_callbacks* all = nullptr;
    if (nghttp2_session_callbacks_new(&all) != 0) throw std::bad_alloc{};
    nghttp2_session_callbacks_set_on_begin_headers_callback(all, Events::on_begin_fields);
    nghttp2_session_callbacks_set_on_header_callback(all, Events::on_field);
    nghttp2_session_callbacks_set_on_invalid_header_callback(all, Events::on_bad_field);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, Events::on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, Events::on_content);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, Events::on_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(all, Events::on_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(all, Events::on_not_sent);
    nghttp2_session_callbacks_set_send_data_callback(all, Events::write_content);
    return all;
  }();
  return made;
}

}  // namespace lb::http2

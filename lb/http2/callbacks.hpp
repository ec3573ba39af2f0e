#pragma once

#include <nghttp2/nghttp2.h>

namespace lb::http2 {

class Stream;

/// What nghttp2 calls; made once.
const nghttp2_session_callbacks* callbacks();
/// Where the content of the stream's answer comes from.
nghttp2_data_provider answer_source(Stream& stream);

}  // namespace lb::http2

#pragma once

#include "lb/http2/content.hpp"

#include <cstddef>
#include <cstdint>
#include <nghttp2/nghttp2.h>
#include <sys/types.h>

namespace lb::http2 {

class EndpointStream;
class Stream;

/// What nghttp2 calls; made once.
const nghttp2_session_callbacks* callbacks();
/// Where the content of the stream's answer comes from.
nghttp2_data_provider answer_source(Stream& stream);

/// The same towards endpoints.
const nghttp2_session_callbacks* endpoint_callbacks();
nghttp2_data_provider request_source(EndpointStream& stream);

/// Where all sessions of nghttp2 have their memory from.
nghttp2_mem* recycled_memory();

/// The answer to nghttp2's question how much of the content can go: sets `flags`, submits trailers
/// behind the last octet. `NGHTTP2_ERR_DEFERRED`: nothing has been written that could.
ssize_t next_content(nghttp2_session* session, std::int32_t stream, const LeavingContent& content,
                     std::size_t length, std::uint32_t& flags);

}  // namespace lb::http2

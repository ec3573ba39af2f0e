#pragma once

#include <string>
#include <string_view>

namespace lb::http1 {

/// The lines of a trailer section, as ChunkedDecoder gives it, that may be passed on: without those
/// that only a head may say (`http::may_be_trailer`) and without the empty line at its end.
std::string passable_trailers(std::string_view section);

}  // namespace lb::http1

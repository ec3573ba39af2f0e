#pragma once

#include <string>
#include <string_view>

namespace booking::web {

/// The same octets, as small as they get: gzip (RFC 1952) and Brotli (RFC 7932).
std::string gzip(std::string_view content);
std::string brotli(std::string_view content);

}  // namespace booking::web

#pragma once

#include <string>
#include <string_view>

namespace lb::routing {

/// `path` as routes are compared with it: escapes of unreserved characters decoded and the digits
/// of the others in upper case (RFC 3986 §6.2.2), slashes in a row as one when they are to be
/// merged. A view of `path` itself when it is so already, else of `memory`.
std::string_view normal_path(std::string_view path, bool merge_slashes, std::string& memory);

}  // namespace lb::routing

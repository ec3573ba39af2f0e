#include "lb/routing/normal_path.hpp"

#include "lb/http/hexadecimal.hpp"

namespace lb::routing {
namespace {

char upper(char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 0x20) : c; }

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view normal_path(std::string_view path, bool merge_slashes, std::string& memory) {
  const bool is_plain = path.find('%') == std::string_view::npos &&
                        (!merge_slashes || path.find("//") == std::string_view::npos);
  if (is_plain) return path;
  memory.clear();
  memory.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    const bool is_escape = c == '%' && path.size() - at > 2 && http::is(path[at + 1], http::kHex) &&
                           http::is(path[at + 2], http::kHex);
    if (is_escape) {
      const char decoded = http::escaped_octet(path[at + 1], path[at + 2]);
      if (is_unreserved(decoded))
        memory += decoded;
      else
        memory.append({c, upper(path[at + 1]), upper(path[at + 2])});
      at += 2;
    } else if (c != '/' || !merge_slashes || !memory.ends_with('/')) {
      memory += c;
    }
  }
  return memory;
}

}  // namespace lb::routing

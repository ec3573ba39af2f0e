#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lb::http {

enum class Method : std::uint8_t {
  Other,
  Get,
  Head,
  Post,
  Put,
  Delete,
  Connect,
  Options,
  Trace,
  Patch
};

/// Methods are case-sensitive (RFC 9110 §9.1); an unknown one is `Other` and passes through.
Method to_method(std::string_view token);

/// Doing it twice is the same as doing it once (RFC 9110 §9.2.2).
bool is_idempotent(Method method);

/// As metrics call them, in the order of `Method`: an unknown one is "other".
inline constexpr std::array<std::string_view, 10> kMethodLabels{
    "other", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

}  // namespace lb::http

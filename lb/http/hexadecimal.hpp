#pragma once

#include "lb/http/characters.hpp"

namespace lb::http {

/// Of a digit that is kHex.
constexpr unsigned hex_value(char digit) {
  return static_cast<unsigned>(is(digit, kDigit) ? digit - '0' : to_lower(digit) - 'a' + 10);
}

/// The octet that `%` and these two digits stand for (RFC 3986 §2.1).
constexpr char escaped_octet(char high, char low) {
  return static_cast<char>(hex_value(high) << 4U | hex_value(low));
}

}  // namespace lb::http

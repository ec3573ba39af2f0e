#pragma once

namespace lb::http {

constexpr bool is_interim(unsigned status) { return status >= 100 && status < 200; }

/// An answer of this status never has content (RFC 9110 §6.4.1).
constexpr bool is_without_content(unsigned status) {
  return is_interim(status) || status == 204 || status == 304;
}

/// RFC 9110 §15.3.
constexpr bool is_successful(unsigned status) { return status >= 200 && status < 300; }

/// RFC 9110 §15.6.
constexpr bool is_server_error(unsigned status) { return status >= 500 && status < 600; }

}  // namespace lb::http

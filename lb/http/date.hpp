#pragma once

#include <array>
#include <chrono>

namespace lb::http {

/// IMF-fixdate of RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
using DateText = std::array<char, 29>;
DateText date_text(std::chrono::system_clock::time_point when);

}  // namespace lb::http

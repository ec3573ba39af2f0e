#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vrrp::tracking {

/// The first octets of a file, at most 64; nothing when it cannot be read. A FIFO or device does
/// not make us wait.
std::optional<std::string> read_small_file(const std::string& path);

/// A number and nothing else, blanks around it aside.
std::optional<int> number_in(std::string_view text);

}  // namespace vrrp::tracking

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace booking::core {

/// `text` without blanks, tabs and line breaks at its ends.
std::string_view trimmed(std::string_view text);

enum class Lines { One, Many };

/// Its length in code points; nothing when it is not UTF-8 or holds control characters (with
/// Lines::Many, line breaks and tabs are welcome).
std::optional<std::size_t> length_of_text(std::string_view text, Lines lines);

}  // namespace booking::core

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace booking::core {

/// `text` without blanks, tabs and line breaks at its ends.
std::string_view trimmed(std::string_view text);

/// Without the marks of Unicode that turn the direction of what follows (UAX #9: embeddings,
/// overrides, isolates): where a guest's text stands in one line with others, it turns only itself.
/// What is not UTF-8 stays as it is.
std::string without_turns(std::string_view text);

enum class Lines { One, Many };

/// Its length in code points, 0 when nothing of it can be seen and it is short; nothing when it is
/// not UTF-8 or holds control characters (with Lines::Many, line breaks and tabs are welcome).
std::optional<std::size_t> length_of_text(std::string_view text, Lines lines);

/// Takes one code point off the front of what is not empty; nothing for anything Unicode calls
/// ill-formed (overlong forms, surrogates, beyond U+10FFFF, cut off). Unicode 15 §3.9, table 3-7.
std::optional<std::uint32_t> take_code_point(std::string_view& rest);

/// Whether it leaves no mark on a page: blanks, fillers, marks of direction and of joining.
bool is_unseen(std::uint32_t point);

}  // namespace booking::core

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace common {

/// The word of `known` that `word` was most likely meant to be; empty when none is near (more than
/// a third of its letters off).
std::string nearest_word(std::string_view word, std::span<const std::string> known);

}  // namespace common

#pragma once

#include <optional>
#include <string_view>

namespace booking::fonts {

/// A woff2 file by its name, which carries the digest of its content.
std::optional<std::string_view> find_font(std::string_view name);

}  // namespace booking::fonts

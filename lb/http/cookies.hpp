#pragma once

#include "lb/http/characters.hpp"
#include "lb/http/message.hpp"

#include <optional>
#include <string_view>

namespace lb::http {

/// Of the first cookie of this name in any Cookie line (RFC 6265 §4.2.1), as it was sent. Names are
/// case-sensitive.
inline std::optional<std::string_view> cookie_value(const Fields& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (field.id != FieldId::Cookie) continue;
    auto rest = field.value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
        return pair.substr(name.size() + 1);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return std::nullopt;
}

}  // namespace lb::http

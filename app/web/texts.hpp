#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace booking::web {

enum class Language { Korean, English };

/// `ko` and `en`.
std::string_view to_string(Language language);
std::optional<Language> parse_language(std::string_view text);

/// What the pages say under a key of texts/ko.txt and texts/en.txt. A missing key is our own bug
/// and ends the process in a test.
std::string_view text(Language language, std::string_view key);
/// All of them, by key.
const std::map<std::string, std::string, std::less<>>& texts(Language language);

}  // namespace booking::web

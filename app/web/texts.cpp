#include "app/web/texts.hpp"

#include "app/web/embedded.hpp"
#include "common/contract.hpp"

#include <algorithm>

namespace booking::web {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

Texts read(std::string_view file) {
  constexpr std::string_view kBetween = " = ";
  Texts all;
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const auto line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const auto between = line.find(kBetween);
    if (line.starts_with('#') || between == std::string_view::npos) continue;
    all.emplace(line.substr(0, between), line.substr(between + kBetween.size()));
  }
  return all;
}

}  // namespace

std::string_view to_string(Language language) {
  return language == Language::English ? "en" : "ko";
}

std::optional<Language> parse_language(std::string_view text) {
  for (const auto language : {Language::Korean, Language::English})
    if (text == to_string(language)) return language;
  return std::nullopt;
}

const Texts& texts(Language language) {
  static const Texts korean = read(k_ko_txt);
  static const Texts english = read(k_en_txt);
  return language == Language::English ? english : korean;
}

std::string_view text(Language language, std::string_view key) {
  const auto& all = texts(language);
  const auto found = all.find(key);
  common::expects(found != all.end(), "what a page says is written down");
  return found->second;
}

}  // namespace booking::web

#include "app/web/html.hpp"

#include "common/contract.hpp"

#include <algorithm>

namespace booking::web {

Html Html::escaped(std::string_view text) {
  Html html;
  html.markup_.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        html.markup_ += "&amp;";
        break;
      case '<':
        html.markup_ += "&lt;";
        break;
      case '>':
        html.markup_ += "&gt;";
        break;
      case '"':
        html.markup_ += "&quot;";
        break;
      case '\'':
        html.markup_ += "&#39;";
        break;
      case '\0':
        html.markup_ += "\xEF\xBF\xBD";  // a parse error wherever it stands
        break;
      default:
        html.markup_ += c;
    }
  }
  return html;
}

Html Html::raw(std::string_view markup) {
  Html html;
  html.markup_ = markup;
  return html;
}

Html fill(std::string_view text, const std::vector<Hole>& holes) {
  std::string out;
  out.reserve(text.size() * 2);
  while (true) {
    const auto open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return Html::raw(out);
    const auto close = text.find("}}", open);
    common::expects(close != std::string_view::npos, "a template closes its holes");
    const auto name = text.substr(open + 2, close - open - 2);
    const auto hole = std::ranges::find(holes, name, &Hole::name);
    common::expects(hole != holes.end(), "every hole of a template is filled");
    out += hole->content.markup();
    text.remove_prefix(close + 2);
  }
}

}  // namespace booking::web

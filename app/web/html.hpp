#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace booking::web {

/// Markup that is safe to send. Text becomes markup by `escaped` alone, so a guest's words cannot
/// become tags; `raw` is for what this room wrote itself.
class Html {
 public:
  Html() = default;
  static Html escaped(std::string_view text);
  static Html raw(std::string_view markup);

  const std::string& markup() const { return markup_; }
  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }

 private:
  std::string markup_;
};

/// A hole of a template and what goes in: text is escaped, markup is not escaped twice.
struct Hole {
  Hole(std::string_view n, std::string_view text) : name{n}, content{Html::escaped(text)} {}
  Hole(std::string_view n, const std::string& text) : Hole{n, std::string_view{text}} {}
  Hole(std::string_view n, const char* text) : Hole{n, std::string_view{text}} {}
  Hole(std::string_view n, Html markup) : name{n}, content{std::move(markup)} {}

  std::string_view name;
  Html content;
};

/// Puts `holes` into the `{{name}}`s of a template of ours. Every hole of the template is to be
/// named: a missing one is our own bug and ends the process in a test.
Html fill(std::string_view text, const std::vector<Hole>& holes);

}  // namespace booking::web

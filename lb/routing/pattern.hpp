#pragma once

#include "common/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace lb::routing {

/// A regular expression of RE2: its time is linear in the text whatever the expression, its memory
/// bounded. It may match anywhere; `^` and `$` say that it must not.
class Pattern {
 public:
  static constexpr std::size_t kLongest = 1024;  // octets of an expression

  /// An error is a sentence for the writer of the configuration.
  static common::Result<Pattern, std::string> compile(std::string_view text);

  bool matches(std::string_view text) const;
  /// `text` with the first match replaced; `\0` to `\9` in `rewrite` stand for what the match and
  /// its groups took. Nothing when there is no match.
  std::optional<std::string> replaced(std::string_view text, const std::string& rewrite) const;
  /// What is wrong with a `rewrite` for this expression.
  std::optional<std::string> fault_of(const std::string& rewrite) const;
  const std::string& text() const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_{std::move(compiled)} {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace lb::routing

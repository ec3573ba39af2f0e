#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace booking::web {

/// What a form sent, names in the order of the form.
class FormData {
 public:
  static constexpr std::size_t kMostPairs = 64;

  /// Decodes application/x-www-form-urlencoded (URL Standard §5.1), more strictly than a browser
  /// must: nothing for a broken percent-escape, octets that are not UTF-8, a NUL, a name that comes
  /// twice or more than `kMostPairs` pairs, so that a page and the store never see different texts.
  static std::optional<FormData> decode(std::string_view text);

  /// Takes one more pair, already decoded; false for what decode() would not take.
  bool add(std::string_view name, std::string_view value);

  /// The value of `name` without blanks around it and with line ends as \n; empty when absent.
  std::string_view value(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t size() const { return pairs_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace booking::web

#pragma once

#include "common/result.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lb::filters {

/// What an error page may tell.
struct ErrorFacts {
  unsigned status{0};
  std::string_view reason, detail, code, request_id;
};

/// A page of the site's own for answers of lbd itself, and of endpoints that it may stand in for:
/// text with `${status}`, `${reason}`,
/// `${detail}`, `${code}`, `${request_id}`, escaped for what it stands in.
class ErrorPage {
 public:
  enum class Form : std::uint8_t { Html, Json };

  /// An error is a sentence for the writer of the configuration.
  static common::Result<ErrorPage, std::string> parse(Form form, std::string_view text);
  std::string render(const ErrorFacts& facts) const;

 private:
  std::string text_;
  Form form_{Form::Html};
};

/// Pages by status or by its class; an exact status goes before its class.
class ErrorPages {
 public:
  /// `status`: 404, or 4 and 5 for a whole class.
  /// `intercepts`: it also takes the place of an endpoint's answer.
  void add(unsigned status, ErrorPage::Form form, ErrorPage page, bool intercepts = false);
  bool empty() const { return pages_.empty(); }
  /// Nothing when there is none for this status and form.
  std::optional<std::string> render(ErrorPage::Form form, const ErrorFacts& facts) const;
  /// Whether an endpoint's answer of this status is kept from a client that likes this form.
  bool intercepts(ErrorPage::Form form, unsigned status) const;

 private:
  struct Entry {
    ErrorPage page;
    bool intercepts{false};
  };
  const Entry* find(ErrorPage::Form form, unsigned status) const;

  std::map<std::pair<unsigned, ErrorPage::Form>, Entry> pages_;
};

}  // namespace lb::filters

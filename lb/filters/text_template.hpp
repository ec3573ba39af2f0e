#pragma once

#include "common/result.hpp"
#include "lb/filters/filter.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lb::filters {

/// A text of the configuration with places for what a request brings: `${client}`, `${host}`,
/// `${method}`, `${path}`, `${query}`, `${scheme}`, `${request_id}`. `$${` stands for `${` itself.
/// What comes of a request holds no control octet: the parser has refused those.
class TextTemplate {
 public:
  TextTemplate() = default;
  /// An error is a sentence for the writer of the configuration.
  static common::Result<TextTemplate, std::string> parse(std::string_view text);

  bool is_literal() const { return parts_.empty(); }
  /// Only of a literal.
  std::string_view literal() const { return after_; }
  /// Of a literal: the text itself; else with its places filled and kept by the passage.
  std::string_view render(const Request& request, Passage& passage) const;

 private:
  enum class Place : std::uint8_t { None, Client, Host, Method, Path, Query, Scheme, RequestId };
  struct Part {
    std::string before;
    Place place;
  };
  static std::string value_of(Place place, const Request& request);

  std::vector<Part> parts_;
  std::string after_;
};

}  // namespace lb::filters

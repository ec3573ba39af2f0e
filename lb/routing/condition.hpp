#pragma once

#include "lb/http/message.hpp"
#include "lb/routing/pattern.hpp"

#include <string>
#include <vector>

namespace lb::routing {

/// What the value of a field, a query parameter or a cookie must be. Values are compared octet by
/// octet, as they were sent: no escape is decoded.
struct Condition {
  std::string name;
  enum class Kind : std::uint8_t { Present, Absent, Equal, Match } kind{Kind::Present};
  std::string text{};                // of Equal; of Match the expression
  std::optional<Pattern> pattern{};  // of Match

  bool accepts(std::string_view value) const;
  bool operator==(const Condition& other) const {
    return name == other.name && kind == other.kind && text == other.text;
  }
};

/// All that must hold besides host and path.
struct Conditions {
  std::vector<std::string> methods;  // any of them; empty: every one
  std::vector<Condition> fields;     // any line of the name; the name in lower case
  std::vector<Condition> query;      // any parameter of the name
  std::vector<Condition> cookies;

  bool hold(const http::RequestHead& request) const;
  std::size_t count() const {
    return (methods.empty() ? 0 : 1) + fields.size() + query.size() + cookies.size();
  }
  bool operator==(const Conditions&) const = default;
};

}  // namespace lb::routing

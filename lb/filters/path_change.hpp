#pragma once

#include "lb/routing/pattern.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lb::filters {

/// How a path becomes another. Works on the octets as they came, escapes and all: what routing
/// judged is what is changed.
class PathChange {
 public:
  struct Keep {};
  struct Whole {
    std::string path;
  };
  /// Whole segments: `/api` takes `/api` and `/api/x`, not `/apix`.
  struct Prefix {
    std::string prefix, to;
  };
  struct Match {
    routing::Pattern pattern;
    std::string to;  // with `\1` to `\9`
  };

  PathChange() = default;
  explicit PathChange(std::variant<Keep, Whole, Prefix, Match> how) : how_{std::move(how)} {}

  bool keeps() const { return std::holds_alternative<Keep>(how_); }
  /// Nothing when the path stays as it is. What comes out may be no path at all (a group that took
  /// nothing): the caller checks it.
  std::optional<std::string> apply(std::string_view path) const;

 private:
  std::variant<Keep, Whole, Prefix, Match> how_;
};

}  // namespace lb::filters

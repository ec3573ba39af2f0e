#include "lb/filters/path_change.hpp"

namespace lb::filters {
namespace {

std::optional<std::string> with_prefix(std::string_view path, std::string_view prefix,
                                       std::string_view to) {
  if (!path.starts_with(prefix)) return std::nullopt;
  auto rest = path.substr(prefix.size());
  if (!rest.empty() && !prefix.ends_with('/') && rest.front() != '/') return std::nullopt;
  // One slash between the two, whichever of them brings it.
  if (to.ends_with('/')) to.remove_suffix(1);
  std::string out{to};
  if (!rest.starts_with('/') && (!rest.empty() || out.empty())) out += '/';
  return out.append(rest);
}

}  // namespace

std::optional<std::string> PathChange::apply(std::string_view path) const {
  if (path == "*") return std::nullopt;  // OPTIONS of the server as a whole
  if (const auto* whole = std::get_if<Whole>(&how_)) return whole->path;
  if (const auto* prefix = std::get_if<Prefix>(&how_))
    return with_prefix(path, prefix->prefix, prefix->to);
  if (const auto* match = std::get_if<Match>(&how_))
    return match->pattern.replaced(path, match->to);
  return std::nullopt;
}

}  // namespace lb::filters

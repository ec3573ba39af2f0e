#include "lb/filters/rewrite.hpp"

#include "lb/http/characters.hpp"

namespace lb::filters {
namespace {

/// A path that a rule made: as strict as with one that a client sent, and not longer than it may
/// send.
bool is_sound(std::string_view path) {
  constexpr std::size_t kLongest = 8 * 1024;
  return path.size() <= kLongest && path.starts_with('/') &&
         path.find('?') == std::string_view::npos && http::parse_target(path, false).has_value();
}

}  // namespace

Next Rewrite::on_request(const Request& request, Passage& passage) const {
  if (!options_.host.empty()) passage.set_authority(options_.host);
  const auto& target = passage.target(request);
  auto path = options_.path.apply(target.path);
  if (!path) return Next::Pass;
  if (!is_sound(*path)) return passage.refuse(Reason::BadRewrite);
  passage.set_target({passage.keep(std::move(*path)), target.query});
  return Next::Pass;
}

Next Redirect::on_request(const Request& request, Passage& passage) const {
  const auto& target = request.head.target;
  if (target.path == "*") return Next::Pass;
  const auto path = options_.path.apply(target.path);
  if (!path && !options_.path.keeps()) return Next::Pass;  // the rule is about other paths
  if (path && !is_sound(*path)) return passage.refuse(Reason::BadRewrite);
  const auto host = http::host_of(request.head.authority);
  const bool other_scheme = !options_.scheme.empty() && options_.scheme != request.scheme;
  const bool other_host = !options_.host.empty() && !http::equals_lower(host, options_.host);
  const bool other_path = path && *path != target.path;
  if (!other_scheme && !other_host && !other_path) return Next::Pass;

  std::string location;
  const std::string_view name = options_.host.empty() ? host : std::string_view{options_.host};
  if (name.empty()) {
    // A client too old to say whom it asks: it stays where it is.
    if (target.path.starts_with("//")) return passage.refuse(Reason::BadRewrite);
  } else {
    location.append(options_.scheme.empty() ? request.scheme : std::string_view{options_.scheme})
        .append("://")
        .append(name);
    if (options_.port != 0)
      location.append(":").append(std::to_string(options_.port));
    else if (!other_scheme && options_.host.empty())
      location.append(request.head.authority.substr(host.size()));
  }
  location.append(path ? std::string_view{*path} : target.path);
  if (options_.keep_query) location.append(target.query);
  return passage.reply({.reason = Reason::Redirect,
                        .status = options_.status,
                        .fields = {{"Location", passage.keep(std::move(location))}}});
}

}  // namespace lb::filters

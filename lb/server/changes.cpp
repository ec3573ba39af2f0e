#include "lb/server/changes.hpp"

#include <algorithm>

namespace lb::server {
namespace {

/// Lines for the names that came and went.
void compare(std::vector<std::string>& lines, const std::string& kind,
             const std::vector<std::string>& before, const std::vector<std::string>& after) {
  const auto tell = [&](const auto& these, const auto& others, const char* what) {
    for (const auto& name : these)
      if (std::find(others.begin(), others.end(), name) == others.end())
        lines.push_back(kind + " " + name + " " + what);
  };
  tell(after, before, "added");
  tell(before, after, "removed");
}

template <class Items, class Name>
std::vector<std::string> names_of(const Items& items, Name name) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(name(item));
  return names;
}

}  // namespace

std::vector<std::string> changes_between(const config::Snapshot& before,
                                         const config::Snapshot& after) {
  std::vector<std::string> lines;
  const auto both = [&](const std::string& kind, auto member, auto name) {
    compare(lines, kind, names_of(before.*member, name), names_of(after.*member, name));
  };
  both("listener", &config::Snapshot::listeners,
       [](const auto& listener) { return listener.address.to_string(); });
  both("upstream", &config::Snapshot::upstreams,
       [](const auto& upstream) { return upstream.name; });
  both("route", &config::Snapshot::routes, [](const auto& route) { return route.name; });
  return lines;
}

std::vector<std::string> keep_until_restart(const config::Snapshot& before,
                                            config::Snapshot& after) {
  std::vector<std::string> keys;
  const auto keep = [&keys](const char* key, const auto& old, auto& now) {
    if (old == now) return;
    keys.emplace_back(key);
    now = old;
  };
  keep("workers", before.workers, after.workers);
  keep("admin.listen", before.admin.listen, after.admin.listen);
  keep("admin.tls.listen", before.admin.secure_listen, after.admin.secure_listen);
  if (!after.admin_tls) after.admin_tls = before.admin_tls;  // as long as it is listened there
  keep("admin.dashboard", before.admin.dashboard, after.admin.dashboard);
  keep("sandbox", before.sandbox, after.sandbox);
  keep("log.format", before.log.format, after.log.format);
  return keys;
}

}  // namespace lb::server

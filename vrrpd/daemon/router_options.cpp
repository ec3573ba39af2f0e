#include "vrrpd/daemon/router_options.hpp"

#include <algorithm>
#include <tuple>

namespace vrrp::daemon {

std::vector<RouterGroup> groups_of(const std::vector<RouterOptions>& routers) {
  std::vector<RouterGroup> groups;
  for (const auto& router : routers) {
    const auto known = std::ranges::find_if(groups, [&](const RouterGroup& group) {
      return !router.group.empty() && group.front().group == router.group;
    });
    if (known == groups.end())
      groups.push_back({router});
    else
      known->push_back(router);
  }
  for (auto& group : groups)
    std::ranges::sort(group, {}, [](const RouterOptions& router) {
      return std::tuple{router.vrid, router.family()};
    });
  return groups;
}

bool is_same_group(const RouterGroup& one, const RouterGroup& other) {
  return std::ranges::equal(one, other, [](const RouterOptions& a, const RouterOptions& b) {
    return a.is_same_router(b);
  });
}

bool Options::runs_programs() const {
  if (!notify.empty()) return true;
  return std::ranges::any_of(routers, [](const RouterOptions& router) {
    return std::ranges::any_of(router.tracks, [](const tracking::TrackOptions& track) {
      return std::holds_alternative<tracking::ScriptTarget>(track.target);
    });
  });
}

}  // namespace vrrp::daemon

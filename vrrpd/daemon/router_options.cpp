#include "vrrpd/daemon/router_options.hpp"

#include <algorithm>

namespace vrrp::daemon {

bool Options::runs_programs() const {
  if (!notify.empty()) return true;
  return std::ranges::any_of(routers, [](const RouterOptions& router) {
    return std::ranges::any_of(router.tracks, [](const tracking::TrackOptions& track) {
      return std::holds_alternative<tracking::ScriptTarget>(track.target);
    });
  });
}

}  // namespace vrrp::daemon

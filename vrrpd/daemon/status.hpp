#pragma once

#include "vrrpd/daemon/router_task.hpp"

#include <memory>
#include <string>
#include <vector>

namespace vrrp::daemon {

/// What /status answers: every router and interface as JSON.
std::string status_json(const std::vector<std::unique_ptr<RouterTask>>& routers,
                        const std::vector<std::unique_ptr<Segment>>& segments);

}  // namespace vrrp::daemon

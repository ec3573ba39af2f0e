#pragma once

#include "vrrpd/daemon/router_task.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <vector>

namespace vrrp::daemon {

/// Every router and interface.
boost::json::object status_json(const std::vector<std::unique_ptr<RouterTask>>& routers,
                                const std::vector<std::unique_ptr<Segment>>& segments);

}  // namespace vrrp::daemon

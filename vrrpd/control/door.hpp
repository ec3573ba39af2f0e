#pragma once

#include "common/admin_server.hpp"
#include "vrrpd/control/control.hpp"

namespace vrrp::control {

/// Puts a Control behind an operator's door. docs/vrrpd.md lists the paths. Adds the routes; call
/// before the server listens. `control` outlives the server.
void open_door(common::AdminServer& server, Control& control);

}  // namespace vrrp::control

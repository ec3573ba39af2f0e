#pragma once

#include "common/admin_message.hpp"

#include <string_view>

namespace lb::admin {

/// The operator's page: one file, nothing from outside, and a Content-Security-Policy that lets
/// only its own script and style in.
common::AdminAnswer dashboard_page();

extern const std::string_view kDashboard;  // dashboard/dashboard.html, built in

}  // namespace lb::admin

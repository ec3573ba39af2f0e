#pragma once

#include "common/terminal_text.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace vrrp::ctl {

/// A table for a terminal, made of the status.
std::string render_status(const boost::json::value& status, const common::Paint& paint);

/// `eth0/51`
std::string name_of(const boost::json::value& router);
/// Whether the operand of a command, if there is one, names this router: `51` or `eth0/51`.
bool is_meant(const boost::json::value& router, const std::vector<std::string>& operands);
/// What of a router's status makes a line of `watch`: as long as it is the same, nothing changed.
std::string digest_of(const boost::json::value& router);
/// Everything is fit, and every interface can be used.
bool is_well(const boost::json::value& status);

}  // namespace vrrp::ctl

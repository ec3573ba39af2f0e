#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace vrrp::ctl {

/// In whole sentences, from what the status says of one router: why this node is Active or is not,
/// and what would change it.
std::string explain(const boost::json::value& router);

}  // namespace vrrp::ctl

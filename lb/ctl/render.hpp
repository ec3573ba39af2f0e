#pragma once

#include "common/terminal_text.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace lb::ctl {

// Text for a terminal, made of the admin API's JSON.

std::string render_status(const boost::json::value& status, const common::Paint& paint);
std::string render_upstreams(const boost::json::value& upstreams, const common::Paint& paint);
std::string render_certificates(const boost::json::value& certificates, const common::Paint& paint);
std::string render_sessions(const boost::json::value& sessions, const common::Paint& paint);
std::string render_errors(const boost::json::value& errors, const common::Paint& paint,
                          std::size_t most);

}  // namespace lb::ctl

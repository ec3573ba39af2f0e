#pragma once

#include "common/admin_message.hpp"
#include "lb/admin/control.hpp"

namespace lb::admin {

/// The content of `POST …/endpoints`, or what is wrong with it.
common::Result<NewEndpoint, CommandError> read_new_endpoint(std::string_view content);
/// `{"weight": 50}`
common::Result<std::uint32_t, CommandError> read_weight(std::string_view content);
/// `{"seconds": 30}`
common::Result<std::chrono::seconds, CommandError> read_offer_close(std::string_view content);
/// `{"level": "debug"}`
common::Result<common::LogLevel, CommandError> read_log_level(std::string_view content);

/// 200 with `{"done": …}`, or a problem (RFC 9457) with the faults of a reload.
common::AdminAnswer answer_of(const CommandResult& result);
common::AdminAnswer answer_of(const CommandError& error);

}  // namespace lb::admin

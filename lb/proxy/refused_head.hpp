#pragma once

#include "lb/proxy/client_connection.hpp"
#include "lb/proxy/refusal.hpp"

namespace lb::proxy {

/// Answers, counts and logs a request whose head could not be read and came no further. What does
/// not leave at once is lost: such a client is owed no more.
void refuse_head(ClientConnection& client, const Refusal& refusal, common::TimePoint began);

}  // namespace lb::proxy

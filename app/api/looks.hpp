#pragma once

#include "app/store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace booking::api {

/// Notes in the audit log who looked at whose data. While no node takes writes it can still be
/// looked at; then the process's log keeps it alone.
boost::asio::awaitable<void> note_look(store::Store& store, const store::Actor& actor,
                                       std::string action, std::string subject);

}  // namespace booking::api

#pragma once

#include "app/notify/notify_options.hpp"

#include <boost/asio/awaitable.hpp>

namespace booking::notify {

/// Once an hour forgets what is over its time, and seals anew what an old key or none has sealed.
/// Several nodes may do so at once: each takes what is left.
boost::asio::awaitable<void> take_care(store::Store& store, const NotifyOptions& options);

/// What `retain` would do now, as one line of JSON.
std::string to_json(const store::RetentionReport& report);

}  // namespace booking::notify

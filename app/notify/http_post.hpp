#pragma once

#include "app/notify/message_body.hpp"

#include <chrono>
#include <string>

namespace booking::notify {

/// What came of it: empty when the receiver said 2xx, else `http 503` or libcurl's words, which
/// name no secret. Blocks for at most `timeout`; follows no redirect.
std::string deliver(const Post& post, std::chrono::milliseconds timeout);

}  // namespace booking::notify

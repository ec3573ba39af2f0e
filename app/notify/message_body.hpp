#pragma once

#include "app/notify/notify_options.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace booking::notify {

/// One HTTP POST.
struct Post {
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// What a message is as a request, or nothing when there is nobody to tell any more. Each carries
/// `Idempotency-Key`, the message's id, so that a receiver knows one that comes twice (its sender
/// died between sending and noting it). The webhook's carries
/// `Mainstay-Signature: t=SECONDS,v1=HEX`, HMAC-SHA256 by the secret over `SECONDS.BODY`.
std::optional<Post> post_of(const store::Message& message, const NotifyOptions& options,
                            common::WallTime now);

inline constexpr std::int64_t kMostAttempts = 20;
/// When a message that failed for the n-th time is sent again; nothing: given up, after about 14
/// hours.
std::optional<std::chrono::seconds> back_off(std::int64_t attempts);

}  // namespace booking::notify

#pragma once

#include "common/time.hpp"
#include "vrrpd/notify/transition.hpp"
#include "vrrpd/programs/program.hpp"

#include <chrono>
#include <string>

namespace vrrp::notify {

/// A POST of JSON for each transition.
struct WebhookOptions {
  static constexpr std::size_t kLongestUrl = 2048;
  static constexpr int kMostTries = 5;

  std::string url;     // http or https, no blank in it
  std::string secret;  // signs; empty: nothing is signed
  int tries{3};

  bool operator==(const WebhookOptions&) const = default;
};

/// `{"text": …, "node": …, "interface": …, "vrid": …, "from": …, "to": …, "reason": …, "priority":
/// …, "peer": …, "addresses": …, "at": …}`. `text` is a sentence, which chat systems show.
std::string webhook_content(const Transition& transition, const std::string& node,
                            common::WallTime now);

/// curl(1), which knows TLS, names and proxies, told on its standard input, where no other user
/// reads along. Tries again after a refused or broken connection, 408, 429 and 5xx; all tries
/// together end within `timeout`. A signature stands in `X-Mainstay-Signature: sha256=…`:
/// HMAC-SHA256 under the secret of the seconds in `X-Mainstay-Timestamp`, a dot and the content.
programs::Program webhook_program(const WebhookOptions& options, const std::string& content,
                                  std::chrono::milliseconds timeout, common::WallTime now);

}  // namespace vrrp::notify

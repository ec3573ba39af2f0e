#pragma once

#include "app/store/store.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace booking::notify {

/// Where messages go; a channel without an address is not used.
struct NotifyOptions {
  std::string slack_url;  // an incoming webhook of Slack, a secret itself
  std::string webhook_url;
  std::string webhook_secret;  // signs what the webhook is sent
  std::string text_url;        // an adapter that sends 알림톡 or SMS
  std::string text_token;      // Authorization: Bearer …
  std::string business_name;
  std::chrono::milliseconds timeout{10000};  // of one delivery
  std::chrono::milliseconds pause{1000};     // between two looks at an empty outbox
  store::RetentionRules retention;

  /// The channels that have an address.
  std::vector<store::Channel> channels() const;
};

}  // namespace booking::notify

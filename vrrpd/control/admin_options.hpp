#pragma once

#include "common/admin_address.hpp"
#include "common/admin_token.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::control {

struct AdminOptions {
  static constexpr std::size_t kMostListeners = 4;

  std::vector<common::AdminAddress> listen{
      {{common::IpAddress::v4(0x7F000001), 9112}, {}}};  // 127.0.0.1:9112
  std::string token_file;                                // empty: over TCP nothing can be changed
  std::optional<common::AdminToken> token;
};

}  // namespace vrrp::control

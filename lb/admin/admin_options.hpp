#pragma once

#include "common/admin_address.hpp"
#include "common/admin_token.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lb::admin {

struct AdminOptions {
  static constexpr std::size_t kMostListeners = 4;
  static constexpr std::size_t kMostHosts = 16;

  std::vector<common::AdminAddress> listen{
      {{common::IpAddress::v4(0x7F000001), 9101}, {}}};  // 127.0.0.1:9101
  std::vector<common::AdminAddress> secure_listen;       // where TLS is spoken
  std::string token_file;                   // empty: nothing can be changed through the door
  std::optional<common::AdminToken> token;  // what the file held when it was read
  std::vector<std::string> hosts;           // names beside addresses under which browsers may come
  bool dashboard{true};                     // the page at /
};

}  // namespace lb::admin

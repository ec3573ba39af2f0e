#pragma once

#include "common/admin_message.hpp"
#include "common/admin_token.hpp"

#include <optional>

namespace common {

/// Who may do what at an operator's door.
struct AdminGuard {
  std::optional<AdminToken> token;  // without one nothing can be changed
  /// Names beside IP addresses, `localhost` and the machine's own under which the door is known. A
  /// browser that was led here under another name (DNS rebinding) is sent away.
  std::vector<std::string> hosts;
  /// Through a Unix socket root and the user we run as need no token: who the kernel says is there
  /// (SO_PEERCRED) could do as much without us.
  bool trusts_own_user{false};
};

/// What a request shows of itself, before its content is read.
struct AdminCredentials {
  bool changes{false};         // anything but GET and HEAD
  bool through_socket{false};  // a Unix socket: no browser comes that way, and Host means nothing
  std::optional<unsigned> uid{};              // of the peer, through a Unix socket
  std::vector<std::string> hosts{};           // values of Host
  std::optional<std::string> origin{};        // RFC 6454
  std::optional<std::string> fetch_site{};    // Sec-Fetch-Site of a browser
  std::vector<std::string> authorizations{};  // values of Authorization
  std::optional<std::string> content_type{};
  bool has_content{false};
};

/// The answer to somebody who may not, and nothing for those who may. Rules only.
std::optional<AdminAnswer> refuse(const AdminGuard& guard, const AdminCredentials& shown);

}  // namespace common

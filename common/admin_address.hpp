#pragma once

#include "common/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace common {

/// Where an operator's door stands: `127.0.0.1:9101`, or `unix:/run/lbd/admin.sock`.
struct AdminAddress {
  static constexpr std::size_t kLongestPath = 107;  // octets, of a sockaddr_un

  SocketAddress tcp;
  std::string path;  // of a Unix socket, absolute; empty: `tcp` is meant

  bool is_unix() const { return !path.empty(); }
  static std::optional<AdminAddress> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const AdminAddress&) const = default;
};

}  // namespace common

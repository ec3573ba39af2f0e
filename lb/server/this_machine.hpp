#pragma once

#include "lb/config/machine.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace lb::server {

/// The machine we are on, looked at without taking anything: no port, no file.
class ThisMachine final : public config::Machine {
 public:
  std::string against_listening(const common::SocketAddress& address) const override;
  std::string against_writing(const std::string& file) const override;
};

/// A socket that listens, of /proc/net/tcp or tcp6.
struct ListeningSocket {
  common::SocketAddress address;
  std::uint64_t inode{0};
  bool operator==(const ListeningSocket&) const = default;
};
/// What is no such line is passed over.
std::vector<ListeningSocket> listening_sockets(std::string_view table);

/// Whether the kernel refuses the second of two that belong to different users. Of the same family:
/// whether a socket for all of IPv6 takes IPv4, too, is not shown.
bool is_in_the_way(const common::SocketAddress& there, const common::SocketAddress& wanted);

}  // namespace lb::server

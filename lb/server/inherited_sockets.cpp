#include "lb/server/inherited_sockets.hpp"

#include "lb/net/listener.hpp"

#include <algorithm>
#include <cstdlib>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <utility>

namespace lb::server {
namespace {

bool stands_at(const net::Descriptor& socket, const common::AdminAddress& address) {
  if (!address.is_unix()) {
    const auto bound = net::listening_address(socket);
    return bound && bound->ip == address.tcp.ip &&
           (address.tcp.port == 0 || bound->port == address.tcp.port);
  }
  return ::sd_is_socket_unix(socket.number(), SOCK_STREAM, 1, address.path.c_str(), 0) > 0;
}

}  // namespace

InheritedSockets InheritedSockets::from_environment() {
  InheritedSockets inherited;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);  // sets close-on-exec, too
  for (int i = 0; i < count; ++i) {
    const std::string name{names != nullptr && names[i] != nullptr ? names[i] : ""};
    inherited.all_.push_back({.name = name,
                              .socket = net::Descriptor{SD_LISTEN_FDS_START + i},
                              .ours = name == kOurListener || name == kOurAdmin});
  }
  for (int i = 0; i < count && names != nullptr; ++i) std::free(names[i]);
  std::free(names);
  return inherited;
}

std::vector<InheritedSocket> InheritedSockets::take(const common::SocketAddress& address) {
  std::vector<InheritedSocket> taken;
  auto wanted = address;
  for (auto& one : all_) {
    const auto bound = net::listening_address(one.socket);
    if (!bound || bound->ip != wanted.ip) continue;
    if (wanted.port == 0) wanted.port = bound->port;
    if (bound->port == wanted.port) taken.push_back(std::move(one));
  }
  std::erase_if(all_, [](const InheritedSocket& one) { return !one.socket; });
  return taken;
}

std::optional<InheritedSocket> InheritedSockets::take_named(std::string_view name) {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const InheritedSocket& one) { return one.name == name; });
  if (found == all_.end()) return std::nullopt;
  auto taken = std::move(*found);
  all_.erase(found);
  return taken;
}

std::optional<InheritedSocket> InheritedSockets::take_admin(const common::AdminAddress& address) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const InheritedSocket& one) {
    return (one.name == kAdmin || one.name == kOurAdmin) && stands_at(one.socket, address);
  });
  if (found == all_.end()) return std::nullopt;
  auto taken = std::move(*found);
  all_.erase(found);
  return taken;
}

std::vector<std::string> InheritedSockets::drop_rest() {
  std::vector<std::string> dropped;
  for (const auto& one : all_) {
    const auto bound = net::listening_address(one.socket);
    dropped.push_back(bound ? bound->to_string() : "a descriptor named '" + one.name + "'");
  }
  all_.clear();
  return dropped;
}

}  // namespace lb::server

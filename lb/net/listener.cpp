#include "lb/net/listener.hpp"

#include "lb/net/stream.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace lb::net {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

bool set_flag(const Descriptor& socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket.number(), level, option, &on, sizeof on) == 0;
}

int get_flag(const Descriptor& socket, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket.number(), SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

common::Result<Descriptor> open_listener(const ListenerOptions& options) {
  const auto endpoint = to_asio(options.address);
  Descriptor socket{
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)};
  if (!socket) return last_error();
  // TCP_NODELAY is inherited by every connection accepted here.
  const bool listens =
      set_flag(socket, SOL_SOCKET, SO_REUSEADDR) && set_flag(socket, SOL_SOCKET, SO_REUSEPORT) &&
      set_flag(socket, IPPROTO_TCP, TCP_NODELAY) &&
      ::bind(socket.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 &&
      ::listen(socket.number(), options.backlog) == 0;
  if (!listens) return last_error();
  return socket;
}

common::Result<common::SocketAddress> listening_address(const Descriptor& socket) {
  const int accepts = get_flag(socket, SO_ACCEPTCONN);
  if (accepts < 0) return last_error();
  asio::ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket.number(), endpoint.data(), &size) != 0) return last_error();
  const auto family = endpoint.data()->sa_family;
  if (accepts == 0 || get_flag(socket, SO_PROTOCOL) != IPPROTO_TCP ||
      (family != AF_INET && family != AF_INET6))
    return boost::system::error_code{EINVAL, boost::system::system_category()};
  endpoint.resize(size);
  return from_asio(endpoint);
}

bool shares_port(const Descriptor& socket) { return get_flag(socket, SO_REUSEPORT) > 0; }

common::Result<Descriptor> duplicate(const Descriptor& socket) {
  Descriptor other{::fcntl(socket.number(), F_DUPFD_CLOEXEC, 0)};
  if (!other) return last_error();
  return other;
}

void set_backlog(const Descriptor& socket, int backlog) { ::listen(socket.number(), backlog); }

void refuse_new_connections(const Descriptor& socket) {
  // Sees a segment from its TCP header on: flags are octet 13, SYN is 2. What asks for a new
  // connection is dropped, and finds nobody listening when it is sent again.
  std::array program{
      sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, 13},
      sock_filter{BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0x02},
      sock_filter{BPF_RET | BPF_K, 0, 0, 0},
      sock_filter{BPF_RET | BPF_K, 0, 0, 0xFFFF'FFFF},
  };
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  // A kernel without it merely resets the last clients, as everybody's does.
  ::setsockopt(socket.number(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

common::Result<Acceptor> adopt_listener(const Executor& executor, Descriptor socket) {
  const auto address = listening_address(socket);
  if (!address) return address.error();
  Acceptor acceptor{executor};
  boost::system::error_code error;
  acceptor.assign(to_asio(*address).protocol(), socket.number(), error);
  if (error) return error;
  socket.release();
  return acceptor;
}

void leave_listener(Acceptor& acceptor) {
  boost::system::error_code error;
  if (acceptor.is_open()) Descriptor{acceptor.release(error)};
}

bool is_exhaustion(const boost::system::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace lb::net

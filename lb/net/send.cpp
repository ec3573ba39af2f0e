#include "lb/net/send.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace lb::net {
namespace {

ssize_t send_vectors(int socket, std::span<iovec> pieces, bool last) {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (last ? MSG_MORE : 0);
  // One piece by the shorter way through the kernel, which need not copy a list of them first.
  if (pieces.size() == 1)
    return ::send(socket, pieces.front().iov_base, pieces.front().iov_len, flags);
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(socket, &message, flags);
}

}  // namespace

boost::system::error_code send_now(int socket, Pieces& pieces, bool last) {
  while (!pieces.empty()) {
    const auto sent = send_vectors(socket, pieces.vectors(), last);
    if (sent >= 0)
      pieces.consume(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return {};
    else if (errno != EINTR)
      return {errno, boost::system::system_category()};
  }
  return {};
}

}  // namespace lb::net

#include "lb/tls/socket_bio.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace lb::tls {
namespace {

SocketBio& state_of(BIO* bio) { return *static_cast<SocketBio*>(BIO_get_data(bio)); }

bool is_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int read_some(BIO* bio, char* out, int size) {
  auto& state = state_of(bio);
  BIO_clear_retry_flags(bio);
  if (!state.early.empty()) {
    const auto count = state.early.copy(out, static_cast<std::size_t>(size));
    state.early.erase(0, count);
    state.drained = false;
    return static_cast<int>(count);
  }
  const auto count = ::recv(state.socket, out, static_cast<std::size_t>(size), MSG_DONTWAIT);
  state.drained = count < size;
  if (count > 0) return static_cast<int>(count);
  if (count == 0) {
    state.ended = true;
    return 0;
  }
  if (is_would_block(errno))
    BIO_set_retry_read(bio);
  else
    state.error = errno;
  return -1;
}

/// Whether the ticket of a TLS 1.3 session is being written, for which no client waits: what it
/// asks or says next is mostly here by the time the ticket is made, and so one packet holds both.
bool may_wait(const SocketBio& state, int size) {
  return SSL_get_state(state.ssl) == TLS_ST_SW_SESSION_TICKET &&
         state.held.size() + static_cast<std::size_t>(size) <= SocketBio::kMostHeld;
}

/// As send(2), of what is held and `data` behind it.
ssize_t send_all(const SocketBio& state, const char* data, std::size_t size) {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (state.last ? MSG_MORE : 0);
  if (state.held.empty()) return ::send(state.socket, data, size, flags);
  std::array<iovec, 2> pieces{iovec{const_cast<char*>(state.held.data()), state.held.size()},
                              iovec{const_cast<char*>(data), size}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(state.socket, &message, flags);
}

/// An idle connection keeps no memory for it.
void drop_held(SocketBio& state, std::size_t count) {
  state.held.erase(0, count);
  if (state.held.empty()) std::string{}.swap(state.held);
}

int write_some(BIO* bio, const char* data, int size) {
  auto& state = state_of(bio);
  BIO_clear_retry_flags(bio);
  if (may_wait(state, size)) {
    state.held.append(data, static_cast<std::size_t>(size));
    return size;
  }
  const auto count = send_all(state, data, static_cast<std::size_t>(size));
  if (count < 0 && !is_would_block(errno)) {
    state.error = errno;
    return -1;
  }
  const auto sent = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  const auto of_held = std::min(sent, state.held.size());
  drop_held(state, of_held);
  if (sent > of_held || size == 0) return static_cast<int>(sent - of_held);
  BIO_set_retry_write(bio);
  return -1;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return state_of(bio).ended ? 1 : 0;
  return 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  BIO_meth_set_read(method, read_some);
  BIO_meth_set_write(method, write_some);
  BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

void SocketBio::flush() {
  if (held.empty()) return;
  const auto count = send_all(*this, nullptr, 0);
  if (count > 0) drop_held(*this, static_cast<std::size_t>(count));
  if (count < 0 && !is_would_block(errno)) error = errno;
}

BIO* SocketBio::make(SocketBio& state) {
  static BIO_METHOD* const method = make_method();
  BIO* const bio = BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &state);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace lb::tls

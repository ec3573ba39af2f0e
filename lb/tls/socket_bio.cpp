#include "lb/tls/socket_bio.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

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

int write_some(BIO* bio, const char* data, int size) {
  auto& state = state_of(bio);
  BIO_clear_retry_flags(bio);
  const auto count =
      ::send(state.socket, data, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count >= 0) return static_cast<int>(count);
  if (is_would_block(errno))
    BIO_set_retry_write(bio);
  else
    state.error = errno;
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

BIO* SocketBio::make(SocketBio& state) {
  static BIO_METHOD* const method = make_method();
  BIO* const bio = BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &state);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace lb::tls

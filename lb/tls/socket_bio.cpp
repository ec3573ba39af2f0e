#include "lb/tls/socket_bio.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/tls.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace lb::tls {
namespace {

// What OpenSSL asks of its BIO for sockets; <openssl/bio.h> names them in a comment.
constexpr int kTakeKeys = 72;
constexpr int kSetRecordType = 74;
constexpr int kClearRecordType = 75;

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
  return !state.kernel && SSL_get_state(state.ssl) == TLS_ST_SW_SESSION_TICKET &&
         state.held.size() + static_cast<std::size_t>(size) <= SocketBio::kMostWaiting;
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

/// As send(2), of one record that is no application data and that the kernel encrypts. Never with
/// MSG_MORE: the kernel would hold the record back, and what is written next be of its type.
ssize_t send_record(const SocketBio& state, const char* data, std::size_t size) {
  iovec piece{const_cast<char*>(data), size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof state.record_type)> memory{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = memory.data();
  message.msg_controllen = memory.size();
  auto* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_TLS;
  head->cmsg_type = TLS_SET_RECORD_TYPE;
  head->cmsg_len = CMSG_LEN(sizeof state.record_type);
  *CMSG_DATA(head) = state.record_type;
  return ::sendmsg(state.socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// Whether the rest of a record that the socket has no place for may wait here.
bool may_keep(const SocketBio& state, std::size_t rest) {
  return state.settled && !state.kernel && state.held.size() + rest <= SocketBio::kMostHeld;
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
  const auto octets = static_cast<std::size_t>(size);
  const auto count =
      state.record_type != 0 ? send_record(state, data, octets) : send_all(state, data, octets);
  if (count < 0 && !is_would_block(errno)) {
    state.error = errno;
    return -1;
  }
  if (count >= 0) state.record_type = 0;
  const auto sent = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  const auto of_held = std::min(sent, state.held.size());
  drop_held(state, of_held);
  const auto rest = octets - (sent - of_held);
  if (rest > 0 && may_keep(state, rest)) {
    state.held.append(data + (octets - rest), rest);
    return size;
  }
  if (rest < octets || size == 0) return static_cast<int>(octets - rest);
  BIO_set_retry_write(bio);
  return -1;
}

/// Gives the kernel what it needs to encrypt what is sent from here on; false when it cannot, and
/// OpenSSL goes on doing it. `keys` are in OpenSSL's own form, which its BIO for sockets knows.
bool hand_over(SocketBio& state, void* keys) {
  if (!state.held.empty()) return false;  // it is encrypted already
  const BioPtr socket{BIO_new_socket(state.socket, BIO_NOCLOSE)};
  state.kernel = socket && BIO_ctrl(socket.get(), kTakeKeys, 1, keys) == 1;
  return state.kernel;
}

long control(BIO* bio, int command, long number, void* pointer) {
  auto& state = state_of(bio);
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return state.ended ? 1 : 0;
    case BIO_CTRL_GET_KTLS_SEND:
      return state.kernel ? 1 : 0;
    case kTakeKeys:  // those for what is received (0) stay with OpenSSL
      return number != 0 && hand_over(state, pointer) ? 1 : 0;
    case kSetRecordType:
      state.record_type = static_cast<std::uint8_t>(number);
      return 0;
    case kClearRecordType:
      state.record_type = 0;
      return 0;
    default:
      return 0;
  }
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

bool SocketBio::has_place() const {
  pollfd asked{.fd = socket, .events = POLLOUT, .revents = 0};
  return ::poll(&asked, 1, 0) != 0;  // a broken one takes nothing more, and need not be waited for
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

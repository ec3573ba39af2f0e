#include "common/admin_listener.hpp"

#include "common/bytes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace common {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr ::mode_t kSocketMode = 0660;  // the daemon and its group

error_code last_error() { return {errno, boost::system::system_category()}; }

bool is_socket(const std::string& path) {
  struct stat what {};
  return ::lstat(path.c_str(), &what) == 0 && S_ISSOCK(what.st_mode);
}

/// Whether the socket at `path` was left behind by a process that is no more.
bool is_abandoned(const std::string& path) {
  if (!is_socket(path)) return false;
  asio::io_context context;
  stream_protocol::socket probe{context};
  error_code error;
  probe.connect(stream_protocol::endpoint{path}, error);
  return error == asio::error::connection_refused;
}

std::optional<AdminAddress> address_of(const sockaddr_storage& from, std::size_t size) {
  AdminAddress address;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    address.tcp = {IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    address.tcp = {IpAddress::v6(octets), ntohs(v6.sin6_port)};
  } else if (from.ss_family == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(from);
    const auto most = size - std::min(size, offsetof(sockaddr_un, sun_path));
    address.path.assign(local.sun_path, ::strnlen(local.sun_path, most));
    if (address.path.empty()) address.path = "?";  // of no name
  } else {
    return std::nullopt;
  }
  return address;
}

}  // namespace

error_code AdminListener::open(const AdminAddress& wanted, int backlog) {
  error_code error;
  if (wanted.is_unix()) {
    acceptor.open(AdminProtocol{stream_protocol{}}, error);
    if (!error) error = bind_unix(wanted.path);
  } else {
    const tcp::endpoint endpoint{asio::ip::make_address(wanted.tcp.ip.to_string()),
                                 wanted.tcp.port};
    acceptor.open(AdminProtocol{endpoint.protocol()}, error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor.bind(AdminProtocol::endpoint{endpoint}, error);
  }
  if (!error) acceptor.listen(backlog, error);
  if (!error) error = learn_address();
  if (error) close(true);
  return error;
}

error_code AdminListener::adopt(int descriptor, bool ours) {
  int domain = 0;
  ::socklen_t size = sizeof domain;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return last_error();
  error_code error;
  const int protocol = domain == AF_UNIX ? 0 : IPPROTO_TCP;
  acceptor.assign(AdminProtocol{domain, protocol}, descriptor, error);
  if (!error) error = learn_address();
  struct stat made {};
  if (!error && ours && address.is_unix() && ::lstat(address.path.c_str(), &made) == 0) {
    made_path_ = true;
    inode_ = made.st_ino;
  }
  return error;
}

error_code AdminListener::bind_unix(const std::string& path) {
  error_code error;
  const AdminProtocol::endpoint endpoint{stream_protocol::endpoint{path}};
  acceptor.bind(endpoint, error);
  if (error == asio::error::address_in_use && is_abandoned(path)) {
    ::unlink(path.c_str());
    acceptor.bind(endpoint, error);
  }
  if (error) return error;
  made_path_ = true;
  struct stat made {};
  // Before listen(): nobody has come in yet under another mode.
  if (::chmod(path.c_str(), kSocketMode) != 0 || ::lstat(path.c_str(), &made) != 0)
    return last_error();
  inode_ = made.st_ino;
  return {};
}

error_code AdminListener::learn_address() {
  sockaddr_storage storage{};
  ::socklen_t size = sizeof storage;
  if (::getsockname(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return last_error();
  const auto found = address_of(storage, size);
  if (!found) return asio::error::address_family_not_supported;
  address = *found;
  return {};
}

void AdminListener::close(bool remove) {
  if (!acceptor.is_open()) return;
  error_code error;
  // Not acceptor.close(): Asio leaves the epoll entry to the kernel there, which keeps it as long
  // as another process holds the same open file.
  const int descriptor = acceptor.release(error);
  if (error)
    acceptor.close(error);
  else
    ::close(descriptor);
  struct stat now {};
  if (remove && made_path_ && ::lstat(address.path.c_str(), &now) == 0 && now.st_ino == inode_)
    ::unlink(address.path.c_str());
}

AdminPeer admin_peer(asio::basic_stream_socket<AdminProtocol>& socket) {
  ::ucred who{};
  ::socklen_t size = sizeof who;
  sockaddr_storage storage{};
  ::socklen_t length = sizeof storage;
  if (::getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    return {"nobody", {}};
  if (storage.ss_family == AF_UNIX) {
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
      return {"local", {}};
    return {"uid " + std::to_string(who.uid), who.uid};
  }
  const auto address = address_of(storage, length);
  return {address ? address->tcp.to_string() : "unknown", {}};
}

}  // namespace common

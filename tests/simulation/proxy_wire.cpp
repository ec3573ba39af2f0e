#include "tests/simulation/proxy_wire.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <type_traits>
#include <unistd.h>
#include <utility>

namespace simulation {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// What the socket calls take; the cast that their interface asks for, in one place.
template <class Address>
auto* as_sockaddr(Address& address) {
  if constexpr (std::is_const_v<Address>)
    return reinterpret_cast<const sockaddr*>(&address);
  else
    return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

Wire::Wire(int descriptor) : descriptor_{descriptor} {
  const int yes = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Wire::Wire(Wire&& other) noexcept { *this = std::move(other); }

Wire& Wire::operator=(Wire&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  received_ = std::move(other.received_);
  ended_ = other.ended_;
  reset_ = other.reset_;
  return *this;
}

Wire::~Wire() { reset(); }  // no port is left waiting

std::size_t Wire::send(std::string_view octets) {
  if (!is_open() || octets.empty()) return 0;
  const auto count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t Wire::receive(std::size_t most) {
  std::array<char, 16384> memory;
  most = std::min(most, memory.size());
  if (!is_open() || ended_ || most == 0) return 0;
  const auto count = ::recv(descriptor_, memory.data(), most, MSG_DONTWAIT);
  if (count > 0) {
    received_.append(memory.data(), static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
  }
  if (count == 0) ended_ = true;
  if (count < 0 && errno != EAGAIN) ended_ = reset_ = true;
  return 0;
}

void Wire::finish() {
  if (is_open()) ::shutdown(descriptor_, SHUT_WR);
}

void Wire::close() {
  if (is_open()) ::close(descriptor_);
  descriptor_ = -1;
}

void Wire::reset() {
  if (!is_open()) return;
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Door::Door() : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  common::expects(::bind(descriptor_, as_sockaddr(address), size) == 0, "loopback can be bound");
  common::expects(::listen(descriptor_, 64) == 0, "a bound socket listens");
  ::getsockname(descriptor_, as_sockaddr(address), &size);
  port_ = ntohs(address.sin_port);
}

Door::~Door() { ::close(descriptor_); }

Wire Door::connect() const {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port_);
  common::expects(::connect(descriptor, as_sockaddr(address), sizeof address) == 0,
                  "there is room in the backlog");
  return Wire{descriptor};
}

int Door::accept() const {
  return ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

}  // namespace simulation

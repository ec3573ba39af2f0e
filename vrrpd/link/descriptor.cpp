#include "vrrpd/link/descriptor.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace vrrp::link {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

common::Result<void> set_socket_option(const Descriptor& socket, int level, int option,
                                       const void* value, std::size_t size) {
  if (::setsockopt(socket.number(), level, option, value, static_cast<socklen_t>(size)) < 0)
    return last_error();
  return {};
}

}  // namespace vrrp::link

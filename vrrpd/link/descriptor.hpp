#pragma once

#include "common/result.hpp"

#include <utility>

namespace vrrp::link {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const { return number_; }

 private:
  int number_{-1};
};

/// What `errno` says.
boost::system::error_code last_error();

/// setsockopt(2) of any plain value.
common::Result<void> set_socket_option(const Descriptor& socket, int level, int option,
                                       const void* value, std::size_t size);
template <class Value>
common::Result<void> set_option(const Descriptor& socket, int level, int option,
                                const Value& value) {
  return set_socket_option(socket, level, option, &value, sizeof(value));
}

}  // namespace vrrp::link

#pragma once

#include <cstddef>
#include <cstdint>

namespace lb::balancing {

/// A set of endpoints of one upstream, by their place in it.
class EndpointSet {
 public:
  static constexpr std::size_t kMost = 64;  // endpoints in one upstream

  bool contains(std::size_t endpoint) const { return ((bits_ >> endpoint) & 1U) != 0; }
  void add(std::size_t endpoint) { bits_ |= std::uint64_t{1} << endpoint; }
  void remove(std::size_t endpoint) { bits_ &= ~(std::uint64_t{1} << endpoint); }
  bool empty() const { return bits_ == 0; }
  EndpointSet without(EndpointSet others) const {
    EndpointSet rest;
    rest.bits_ = bits_ & ~others.bits_;
    return rest;
  }
  bool operator==(const EndpointSet&) const = default;

 private:
  std::uint64_t bits_{0};
};

}  // namespace lb::balancing

#pragma once

#include "vrrpd/programs/program.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vrrp::programs {

/// What goes over the socket between daemon and helper, a datagram each, in the host's byte order.
struct Order {
  std::uint32_t id{0};
  Program program;
};
struct Outcome {
  std::uint32_t id{0};
  Ended ended;
};

inline constexpr std::size_t kLargestMessage = 16 * 1024;  // octets

/// Empty when it does not fit.
std::string encode(const Order& order);
std::string encode(const Outcome& outcome);
std::optional<Order> decode_order(std::string_view octets);
std::optional<Outcome> decode_outcome(std::string_view octets);

}  // namespace vrrp::programs

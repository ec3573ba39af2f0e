#pragma once

#include "common/address.hpp"
#include "common/result.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lb::discovery {

/// What one answer may name; more is left out, so that no answer makes us large.
inline constexpr std::size_t kMostAnswers = 64;

/// Why there is no answer that could be used.
struct DnsFault {
  int status{0};  // of c-ares
  bool operator==(const DnsFault&) const = default;
};

struct Addresses {
  std::vector<common::IpAddress> list;  // in order, so that answers that mean the same are the same
  std::chrono::seconds ttl{0};
};

/// A server of a service (RFC 2782).
struct Service {
  std::string host;
  std::uint16_t port{0};
  std::uint16_t priority{0};  // the lowest first
  std::uint16_t weight{0};
  auto operator<=>(const Service&) const = default;
};

struct Services {
  std::vector<Service> list;  // by priority, then by name
  std::chrono::seconds ttl{0};
};

/// Of answers as they came from a name server; nothing in them is trusted. An answer
/// without a record that can be used is ARES_ENODATA. What no endpoint can have
/// (0.0.0.0, multicast, port 0) is left out.
common::Result<Addresses, DnsFault> parse_v4(std::span<const std::uint8_t> message);
common::Result<Addresses, DnsFault> parse_v6(std::span<const std::uint8_t> message);
common::Result<Services, DnsFault> parse_services(std::span<const std::uint8_t> message);

}  // namespace lb::discovery

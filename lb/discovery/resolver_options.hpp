#pragma once

#include "common/address.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace lb::discovery {

/// How names are looked up.
struct ResolverOptions {
  std::vector<common::SocketAddress> servers;  // empty: those of /etc/resolv.conf
  std::chrono::milliseconds timeout{2'000};    // of the first attempt; c-ares doubles it
  std::uint32_t attempts{2};                   // at each server
  std::chrono::milliseconds least_ttl{1'000};  // an answer holds at least so long
  std::chrono::milliseconds most_ttl{300'000};
  std::chrono::milliseconds retry{1'000};  // after a failure; doubles up to most_retry
  std::chrono::milliseconds most_retry{30'000};
  bool operator==(const ResolverOptions&) const = default;
};

}  // namespace lb::discovery

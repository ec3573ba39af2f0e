#pragma once

#include "common/address.hpp"
#include "common/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lb::proxy {

/// A client's connection as somebody who looks on sees it: a copy, so that it may be read anywhere.
struct SessionView {
  std::size_t worker{0};
  common::IpAddress client;  // the peer, or whom its PROXY header named
  std::string listener;
  std::string_view state;     // `idle`, `receiving_head`, `queued`, `connecting`…; a literal
  common::Duration lasts{};   // the request under way; without one, `state`
  std::uint32_t requests{0};  // begun on the connection

  // Of the request under way, strangers' octets cut; empty without one, or without a log or trace.
  std::string method{}, host{}, path{}, route{}, upstream{}, endpoint{};
  std::uint32_t attempts{0};
  std::uint64_t sent_octets{0};
};

/// How many connections a worker has in each state, and the longest of its requests.
struct SessionsView {
  struct Count {
    std::string_view state;
    std::uint64_t sessions{0};
  };
  std::vector<Count> counts;
  std::vector<SessionView> longest;
};

}  // namespace lb::proxy

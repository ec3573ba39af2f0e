#pragma once

#include "common/address.hpp"
#include "common/hysteresis.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace lb::upstream {

/// How endpoints are asked whether they are fit: GET `path`, a status within the range passes.
struct CheckOptions {
  bool enabled{true};
  std::string path{"/readyz"};
  std::string host;  // empty: the endpoint's address
  unsigned least_status{200};
  unsigned most_status{299};
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds timeout{1000};
  common::Hysteresis::Options hysteresis{2, 2};
};

struct UpstreamOptions {
  std::string name;
  std::vector<common::SocketAddress> endpoints;
  bool required{true};  // without a usable endpoint of this upstream lbd is not ready
  CheckOptions check;
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds first_byte_timeout{
      30'000};  // from the request's end to the answer's begin
  std::chrono::milliseconds between_bytes_timeout{30'000};  // within an answer
  std::chrono::milliseconds idle_timeout{15'000};           // of a warm connection
  std::uint32_t idle_connections{64};  // kept warm for each endpoint and worker
};

}  // namespace lb::upstream

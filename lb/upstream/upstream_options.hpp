#pragma once

#include "common/address.hpp"
#include "common/hysteresis.hpp"
#include "lb/balancing/balancer.hpp"
#include "lb/balancing/retry_budget.hpp"
#include "lb/balancing/sticky.hpp"
#include "lb/health/circuit.hpp"
#include "lb/health/outliers.hpp"

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

/// What consistent hashing hashes.
enum class HashOf : std::uint8_t { Client, Field, Cookie, Path };

struct HashOptions {
  HashOf of{HashOf::Client};
  std::string name;  // of the field or the cookie
};

struct StickyOptions {
  bool enabled{false};
  std::string cookie{"lbd_sticky"};
  balancing::StickyCookies::Key key{};
  std::chrono::seconds ttl{0};  // 0: until the client closes
  bool secure{false};           // the client sends it over TLS only
};

/// Requests that wait for a place at an endpoint, when all have `most_connections`.
struct QueueOptions {
  std::uint32_t length{128};                 // of all workers; who comes then is answered 503
  std::chrono::milliseconds timeout{5'000};  // who has waited so long is answered 503
};

struct RetryOptions {
  std::uint32_t attempts{0};                 // the first included; 0: limits.attempts
  std::chrono::milliseconds try_timeout{0};  // of one attempt, until its answer begins; 0: none
  std::chrono::milliseconds backoff{25};     // before the second try; doubles with each one more
  std::chrono::milliseconds most_backoff{250};
  balancing::RetryBudgetOptions budget;
};

struct UpstreamOptions {
  std::string name;
  std::vector<common::SocketAddress> endpoints;
  bool required{true};  // without a usable endpoint of this upstream lbd is not ready
  CheckOptions check;
  health::PassiveOptions passive;
  health::CircuitOptions circuit;
  balancing::BalanceOptions balance;
  HashOptions hash;
  StickyOptions sticky;
  QueueOptions queue;
  RetryOptions retry;
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds first_byte_timeout{
      30'000};  // from the request's end to the answer's begin
  std::chrono::milliseconds between_bytes_timeout{30'000};  // within an answer
  std::chrono::milliseconds idle_timeout{15'000};           // of a warm connection
  std::uint32_t idle_connections{64};  // kept warm for each endpoint and worker
};

}  // namespace lb::upstream

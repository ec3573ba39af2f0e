#pragma once

#include "common/address.hpp"
#include "common/hysteresis.hpp"
#include "lb/balancing/balancer.hpp"
#include "lb/balancing/retry_budget.hpp"
#include "lb/balancing/sticky.hpp"
#include "lb/discovery/source.hpp"
#include "lb/health/circuit.hpp"
#include "lb/health/outliers.hpp"
#include "lb/http2/options.hpp"
#include "lb/proxy_protocol/write.hpp"
#include "lb/tls/client.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lb::upstream {

enum class CheckType : std::uint8_t {
  Http,
  Tcp,  // a connection is all that is asked for
};

/// Statuses from `least` to `most`, both included.
struct StatusRange {
  unsigned least{200};
  unsigned most{299};
  bool operator==(const StatusRange&) const = default;
};

/// What a piece of an answer has to look like: it contains `contains`, and RE2 finds `matches` in
/// it; an empty one asks for nothing.
struct Expectation {
  std::string contains;
  std::string matches;
  bool empty() const { return contains.empty() && matches.empty(); }
  bool operator==(const Expectation&) const = default;
};

/// How endpoints are asked whether they are fit. A redirect is an answer like any other: it is not
/// followed.
struct CheckOptions {
  bool enabled{true};
  CheckType type{CheckType::Http};
  std::string method{"GET"};
  std::string path{"/readyz"};
  std::string host;       // Host of the check; empty: the endpoint's address
  std::uint16_t port{0};  // 0: the endpoint's own
  std::vector<StatusRange> statuses{StatusRange{}};
  Expectation body;        // of the first kLargestCheckedBody octets of the content
  std::string field_name;  // in lower case; empty: no field is asked for
  Expectation field;
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds fast_interval{0};  // while the verdict is about to turn; 0: `interval`
  std::chrono::milliseconds timeout{1000};     // of one check, connect and answer together
  common::Hysteresis::Options hysteresis{2, 2};
  proxy_protocol::Version header{proxy_protocol::Version::None};  // that of the upstream
  std::shared_ptr<const tls::Client> tls{};                       // that, too
  http2::EndpointOptions http2{};                                 // and that
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

/// An endpoint that the configuration names.
struct FixedEndpoint {
  common::SocketAddress address;
  std::string name;  // empty: the address
  bool operator==(const FixedEndpoint&) const = default;
};

/// A member of `endpoints`: where one endpoint or many come from, and what holds for each of them.
struct EndpointSource {
  std::variant<FixedEndpoint, discovery::DnsName, discovery::SrvName, discovery::EndpointFile> from;
  std::uint32_t weight{100};
  std::uint32_t tier{0};
  std::uint32_t most_connections{0};
};

struct UpstreamOptions {
  std::string name;
  std::vector<EndpointSource> endpoints;
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
  http2::EndpointOptions http2{};
  std::shared_ptr<const tls::Client> tls{};  // null: endpoints are spoken to in the clear
  /// The header that tells endpoints the client's address. A connection then belongs to one client:
  /// none is kept warm.
  proxy_protocol::Version proxy_protocol{proxy_protocol::Version::None};
};

}  // namespace lb::upstream

#pragma once

#include "common/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lb::discovery {

enum class Family : std::uint8_t { Any, V4, V6 };

/// A host name each of whose addresses is an endpoint (A, AAAA).
struct DnsName {
  std::string host;
  std::uint16_t port{0};
  Family family{Family::Any};
  bool operator==(const DnsName&) const = default;
};

/// The name of a service (SRV, RFC 2782): each of its targets is an endpoint, its priority a tier.
struct SrvName {
  std::string name;  // _http._tcp.app.internal
  Family family{Family::Any};
  bool operator==(const SrvName&) const = default;
};

/// A file with an endpoint a line, read again whenever it is written or replaced.
struct EndpointFile {
  std::string path;
  bool operator==(const EndpointFile&) const = default;
};

/// One endpoint that a source names; what it does not say is as configured for the source.
struct Found {
  common::SocketAddress address;
  std::string name;  // empty: the address
  std::optional<std::uint32_t> weight;
  std::optional<std::uint32_t> tier;  // on top of the source's own
  std::optional<std::uint32_t> most_connections;
  bool operator==(const Found&) const = default;
};

}  // namespace lb::discovery

#pragma once

#include "common/address.hpp"
#include "lb/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lb::proxy {

/// The proxies in front of us whose word about their clients is believed.
using TrustedProxies = std::vector<common::PrefixedAddress>;

/// Where a request comes from, and what endpoints are told about it.
struct ClientOrigin {
  common::IpAddress address;  // of the client, as far as it is known
  std::string_view scheme;    // of the client's own connection: `http` or `https`
  std::string_view host;      // what the client asked for
  std::string_view port;      // of the proxy it asked; empty when nobody said
  std::string forwarded_for;  // X-Forwarded-For up to and with our peer
  std::string forwarded;      // Forwarded of the proxies before us; empty when there is none
  bool by_proxy{false};       // our peer is a trusted one: what else it claims is passed on
};

/// As told by X-Forwarded-* and Forwarded (RFC 7239), if `peer` is trusted: from the right, through
/// every proxy that is trusted itself, to the first address that is not. Where both fields stand
/// and tell two addresses neither is believed: one of them may be the client's own. Without a
/// trusted peer the peer is the client and what it claims is dropped.
/// `scheme`: of the peer's own connection.
ClientOrigin find_origin(const http::RequestHead& head, const common::IpAddress& peer,
                         const TrustedProxies& trusted, std::string_view scheme = "http");

}  // namespace lb::proxy

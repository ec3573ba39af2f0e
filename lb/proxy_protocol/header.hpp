#pragma once

#include "common/address.hpp"
#include "common/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lb::proxy_protocol {

/// Why octets are no PROXY header.
enum class Errc : std::uint8_t {
  NoHeader,    // they do not begin as one
  BadLine,     // version 1: malformed
  BadAddress,  // an address or a port is none, or not written as it must be
  BadVersion,  // version 2: neither that nor a known command
  BadFamily,   // an unknown family, or lengths that do not belong to it
  BadTlv,      // an extension runs over the end
  BadChecksum,
  TooLong,
};

/// What a header says of the connection.
struct Header {
  std::size_t size{0};  // octets it took
  /// The two ends of the client's own connection; none for one that the proxy opened for itself
  /// (LOCAL, UNKNOWN) or that has no such addresses (a Unix socket).
  struct Ends {
    common::SocketAddress source;
    common::SocketAddress destination;
    bool operator==(const Ends&) const = default;
  };
  std::optional<Ends> ends;
};

/// The longest version 2 header taken: room for the extensions that are in use.
inline constexpr std::size_t kLongestHeader = 2048;

/// Reads a header at the front of `octets`; nothing when its end has not arrived. As strict as the
/// specification: one blank between words, addresses and ports as their textual forms have them,
/// every extension within the length, and the checksum right if there is one.
common::Result<std::optional<Header>, Errc> parse_header(std::string_view octets);

/// Whether `octets`, of which more may follow, can be the begin of a header.
bool may_be_header(std::string_view octets);

}  // namespace lb::proxy_protocol

#pragma once

#include "lb/tls/openssl.hpp"

#include <string>

namespace lb::tls {

/// A socket as OpenSSL sees it. Never blocks, never raises SIGPIPE, and spares calls and packets:
/// remembers whether the last read took all that had arrived, and lets a session ticket wait for
/// what is sent next.
struct SocketBio {
  static constexpr std::size_t kMostHeld = 16 * 1024;

  SSL* ssl{nullptr};  // whose octets these are
  int socket{-1};
  std::string early;    // octets that were read before TLS began: they come first
  std::string held;     // a ticket that leaves with the next octets, or by `flush`
  bool drained{false};  // the last read took all there was
  bool last{false};     // what is written now goes out together with the end of the connection
  bool ended{false};    // the other side has closed
  int error{0};         // errno of the call that failed; 0: none has

  static BIO* make(SocketBio& state);
  /// Sends what is held, as far as it goes at once.
  void flush();
};

}  // namespace lb::tls

#pragma once

#include "lb/tls/openssl.hpp"

#include <string>

namespace lb::tls {

/// A socket as OpenSSL sees it. Never blocks, never raises SIGPIPE, and remembers whether the last
/// read took all that had arrived, which spares the next one a call in vain.
struct SocketBio {
  int socket{-1};
  std::string early;    // octets that were read before TLS began: they come first
  bool drained{false};  // the last read took all there was
  bool ended{false};    // the other side has closed
  int error{0};         // errno of the call that failed; 0: none has

  static BIO* make(SocketBio& state);
};

}  // namespace lb::tls

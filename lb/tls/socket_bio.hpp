#pragma once

#include "lb/tls/openssl.hpp"

#include <cstdint>
#include <string>

namespace lb::tls {

/// A socket as OpenSSL sees it. Never blocks, never raises SIGPIPE, and spares calls and packets:
/// remembers whether the last read took all that had arrived, and lets a session ticket wait for
/// what is sent next. Once the handshake is over it takes whole records, whatever the socket takes
/// of them: OpenSSL can do nothing else before a record has gone, and ends the connection when a
/// client meanwhile wishes for new keys twice (RFC 8446 §4.6.3).
struct SocketBio {
  static constexpr std::size_t kMostWaiting = 16 * 1024;              // of a ticket
  static constexpr std::size_t kMostHeld = kMostWaiting + 20 * 1024;  // and the longest record

  SSL* ssl{nullptr};  // whose octets these are
  int socket{-1};
  std::string early;    // octets that were read before TLS began: they come first
  std::string held;     // leaves with the next octets, or by `flush`
  bool settled{false};  // the handshake is over: who writes sees to it that all leaves
  bool drained{false};  // the last read took all there was
  bool last{false};     // what is written now goes out together with the end of the connection
  bool ended{false};    // the other side has closed
  int error{0};         // errno of the call that failed; 0: none has
  bool kernel{false};   // the kernel encrypts what is sent (kTLS): it gets octets as they are
  std::uint8_t record_type{0};  // then: of what is written next; 0: application data

  static BIO* make(SocketBio& state);
  /// Sends what is held, as far as it goes at once.
  void flush();
  /// Whether so much may be sent at once that a record that the kernel has begun to send, and a
  /// short one behind it, have their place: a third of the socket's, by its own word.
  bool has_place() const;
};

}  // namespace lb::tls

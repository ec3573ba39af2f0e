#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace common {

/// What stands between an operator's door and the socket of a connection, as TLS does. Asked, it
/// does what can be done at once; it never blocks, whatever the socket's mode.
class AdminLayer {
 public:
  /// What came of it.
  struct Step {
    enum class Need : std::uint8_t { Nothing, Readable, Writable };
    boost::system::error_code error{};  // `eof`: the other side has said its last
    std::size_t count{0};               // octets
    Need need{Need::Nothing};           // of the socket, before the same is asked again
  };

  virtual ~AdminLayer() = default;

  /// First of all, until nothing is needed any more.
  virtual Step shake_hands() = 0;
  virtual Step read(boost::asio::mutable_buffer space) = 0;
  /// Takes some of the octets; those it has not taken must be offered again.
  virtual Step write(boost::asio::const_buffer octets) = 0;
  /// Nothing more will be written.
  virtual void end() = 0;
  /// Who the other side has proved to be, for the log; empty: it has not.
  virtual std::string peer() const = 0;
};

/// Makes one for a connection, whose socket stays the door's. Null: nobody is let in.
using AdminLayerMaker = std::function<std::unique_ptr<AdminLayer>(int socket)>;

}  // namespace common

#pragma once

#include "common/admin_address.hpp"
#include "common/admin_layer.hpp"
#include "common/result.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <sys/types.h>

namespace common {

using AdminProtocol = boost::asio::generic::stream_protocol;

/// One listening socket of an operator's door, TCP or Unix.
class AdminListener {
 public:
  explicit AdminListener(boost::asio::io_context& context) : acceptor{context} {}

  boost::system::error_code open(const AdminAddress& address, int backlog);
  /// `ours`: nobody else holds it any longer; its path is removed as if we had made it.
  boost::system::error_code adopt(int descriptor, bool ours);
  /// Closes only our descriptor: another process may go on listening with its own. `remove`: the
  /// path of a socket that we made goes, too.
  void close(bool remove);

  boost::asio::basic_socket_acceptor<AdminProtocol> acceptor;
  AdminAddress address;        // the one in use
  AdminLayerMaker layer;       // for its connections; empty: they are in the clear
  std::size_t connections{0};  // a crowd here leaves the other doors open

 private:
  boost::system::error_code bind_unix(const std::string& path);
  boost::system::error_code learn_address();

  bool made_path_{false};
  ::ino_t inode_{0};
};

struct AdminPeer {
  std::string name;             // `127.0.0.1:40112`, `uid 1000`: for the log
  std::optional<unsigned> uid;  // at the other end of a Unix socket
};
AdminPeer admin_peer(boost::asio::basic_stream_socket<AdminProtocol>& socket);

}  // namespace common

#pragma once

#include "common/log.hpp"
#include "vrrpd/daemon/counters.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/daemon/read_waiter.hpp"
#include "vrrpd/link/frame_socket.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/vrrp_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <vector>

namespace vrrp::daemon {

class RouterTask;

/// One interface and the LAN behind it: its sockets, its receive checks, and the Virtual Routers
/// that live on it.
class Segment {
 public:
  /// Packets read before the event loop gets its turn again; more than the socket's buffer holds of
  /// the smallest.
  static constexpr int kMostPacketsATurn = 1024;

  Segment(boost::asio::io_context& context, link::Netlink& netlink, std::string name);

  void join(RouterTask& router) { routers_.push_back(&router); }
  /// Looks at the interface as it is now, opens or closes what that demands, and tells the routers.
  /// An error when the kernel refuses; the segment is then not usable until a later look succeeds.
  common::Result<void> look();
  /// Hands every advertisement that has arrived to its router.
  void drain();
  void close();

  /// Up, with a primary address, sockets open.
  bool usable() const { return sockets_.has_value() && interface_.running && primary_.has_value(); }
  const std::string& name() const { return name_; }
  const link::Interface& interface() const { return interface_; }
  /// The address advertisements are sent from (RFC 9568 §1.7, "Primary IP Address"): the first that
  /// is not virtual.
  const std::optional<common::IpAddress>& primary() const { return primary_; }
  const SegmentCounters& counters() const { return counters_; }

  common::Result<void> send_advertisement(common::Octets message);
  common::Result<void> send_frame(common::Octets frame);

 private:
  struct Sockets {
    link::VrrpSocket vrrp;
    link::FrameSocket frame;
  };

  common::Result<void> open_sockets();
  void close_sockets();
  void choose_primary();
  void take(const link::Received& received);
  void refused(packet::Refusal refusal, const packet::Datagram& datagram);

  std::string name_;
  link::Netlink& netlink_;
  link::Interface interface_;
  std::optional<Sockets> sockets_;
  std::optional<common::IpAddress> primary_;
  std::vector<RouterTask*> routers_;
  ReadWaiter waiter_;
  SegmentCounters counters_;
  LogLimit refusal_limit_;
};

}  // namespace vrrp::daemon

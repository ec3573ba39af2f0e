#pragma once

#include "vrrpd/link/link_monitor.hpp"
#include "vrrpd/link/netlink.hpp"
#include "vrrpd/tracking/check.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>

namespace vrrp::tracking {

/// Follows an interface by rtnetlink: every finding counts at once.
class InterfaceCheck : public Check {
 public:
  InterfaceCheck(boost::asio::io_context& context, const TrackOptions& options,
                 OnFinding on_finding);
  ~InterfaceCheck() override;
  void start() override;

 private:
  bool open();
  void wait();
  void look();

  std::string name_;
  OnFinding on_finding_;
  std::optional<link::Netlink> netlink_;
  std::optional<link::LinkMonitor> monitor_;
  boost::asio::posix::stream_descriptor changes_;  // the monitor's, which owns it
  boost::asio::steady_timer first_;
};

}  // namespace vrrp::tracking

#pragma once

#include "vrrpd/tracking/check.hpp"

namespace vrrp::tracking {

/// A connection within the timeout is good; it is closed at once.
class TcpCheck : public PeriodicCheck {
 public:
  TcpCheck(boost::asio::io_context& context, const TrackOptions& options, OnFinding on_finding);

 private:
  void ask(Answer answer) override;

  common::SocketAddress address_;
  std::chrono::milliseconds timeout_;
};

}  // namespace vrrp::tracking

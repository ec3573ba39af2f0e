#pragma once

#include "vrrpd/tracking/check.hpp"

#include <cstdint>

namespace vrrp::tracking {

/// An ICMP echo reply (RFC 792, RFC 4443 §4) within the timeout is good. Needs CAP_NET_RAW.
class HostCheck : public PeriodicCheck {
 public:
  HostCheck(boost::asio::io_context& context, const TrackOptions& options, OnFinding on_finding);

 private:
  struct Question;
  void ask(Answer answer) override;

  common::IpAddress address_;
  std::chrono::milliseconds timeout_;
  std::uint16_t sequence_{0};
};

}  // namespace vrrp::tracking

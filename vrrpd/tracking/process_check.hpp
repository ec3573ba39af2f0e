#pragma once

#include "vrrpd/tracking/check.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace vrrp::tracking {

/// Finds the process every interval until it is there; the kernel then tells its end at once
/// (pidfd_open(2)). When another of its name or pid file is there already, that one is followed.
class ProcessCheck : public PeriodicCheck {
 public:
  ProcessCheck(boost::asio::io_context& context, const TrackOptions& options, OnFinding on_finding);

 private:
  void ask(Answer answer) override;
  bool find();
  /// False when there is no such process.
  bool follow(int pid);
  void on_end();

  ProcessTarget target_;
  boost::asio::posix::stream_descriptor process_;  // open while there is one
};

}  // namespace vrrp::tracking

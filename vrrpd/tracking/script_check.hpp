#pragma once

#include "vrrpd/programs/runner.hpp"
#include "vrrpd/tracking/check.hpp"

namespace vrrp::tracking {

/// Runs a program; status 0 within the timeout is good.
class ScriptCheck : public PeriodicCheck {
 public:
  /// `programs` null: always bad.
  ScriptCheck(boost::asio::io_context& context, const TrackOptions& options,
              programs::Runner* programs, OnFinding on_finding);

 private:
  void ask(Answer answer) override;

  programs::Program program_;
  programs::Runner* programs_;
};

}  // namespace vrrp::tracking

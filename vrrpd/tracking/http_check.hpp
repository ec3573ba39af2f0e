#pragma once

#include "vrrpd/tracking/check.hpp"

#include <memory>

namespace vrrp::tracking {

class HttpWatch;

/// Asks `GET path` over a new connection; 200 within the timeout is good, anything else bad, a
/// refused connection at once. With `watch` what the target says by itself counts, too: "not ready"
/// at once, and when it hangs up it is asked at once and that answer counts at once.
class HttpCheck : public PeriodicCheck {
 public:
  HttpCheck(boost::asio::io_context& context, const TrackOptions& options, OnFinding on_finding);
  ~HttpCheck() override;

 private:
  struct Question;
  void ask(Answer answer) override;

  HttpTarget target_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<HttpWatch> watch_;
  bool hung_up_{false};
};

}  // namespace vrrp::tracking

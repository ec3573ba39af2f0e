#include "vrrpd/tracking/check.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace vrrp::tracking {

PeriodicCheck::PeriodicCheck(boost::asio::io_context& context, std::chrono::milliseconds interval,
                             OnFinding on_finding)
    : context_{context},
      interval_{interval},
      on_finding_{std::move(on_finding)},
      timer_{context},
      self_{std::make_shared<PeriodicCheck*>(this)} {}

void PeriodicCheck::start() { begin(); }

void PeriodicCheck::begin() {
  asking_ = true;
  timer_.expires_after(interval_);
  ask([weak = std::weak_ptr{self_}, &context = context_](const Finding& finding) {
    // Never from inside `ask`: whoever started us is not ready to hear.
    boost::asio::post(context, [weak, finding] {
      if (const auto self = weak.lock()) (*self)->answered(finding);
    });
  });
}

void PeriodicCheck::answered(const Finding& finding) {
  if (!std::exchange(asking_, false)) return;
  if (std::exchange(again_, false))
    begin();
  else
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error && !asking_) begin();
    });
  tell(finding);  // last: it may be the end of us
}

void PeriodicCheck::hurry() {
  if (asking_)
    again_ = true;
  else
    begin();
}

}  // namespace vrrp::tracking

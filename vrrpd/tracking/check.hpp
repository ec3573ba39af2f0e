#pragma once

#include "vrrpd/tracking/track_options.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace vrrp::tracking {

/// What a check has found out.
struct Finding {
  bool good{false};
  int weight{0};        // added to the priority; only files have one
  bool at_once{false};  // an event and no sample: rise and fall do not apply
};

/// Looks after one target until it is destroyed; no finding comes after that. Findings come from
/// the event loop, never from inside `start`.
class Check {
 public:
  using OnFinding = std::function<void(const Finding&)>;

  Check() = default;
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;
  virtual ~Check() = default;
  virtual void start() = 0;
};

/// Asks every interval, counted from question to question; when an answer took longer, the next is
/// asked at once. One question at a time.
class PeriodicCheck : public Check {
 public:
  PeriodicCheck(boost::asio::io_context& context, std::chrono::milliseconds interval,
                OnFinding on_finding);
  void start() final;

 protected:
  /// To be called once, sooner or later; does nothing when the check is gone by then.
  using Answer = std::function<void(const Finding&)>;
  virtual void ask(Answer answer) = 0;

  /// The next question is asked now, or as soon as the open one is answered.
  void hurry();
  /// A word outside of questions.
  void tell(const Finding& finding) { OnFinding{on_finding_}(finding); }
  boost::asio::io_context& context() { return context_; }

 private:
  void begin();
  void answered(const Finding& finding);

  boost::asio::io_context& context_;
  std::chrono::milliseconds interval_;
  OnFinding on_finding_;
  boost::asio::steady_timer timer_;
  bool asking_{false};
  bool again_{false};
  std::shared_ptr<PeriodicCheck*> self_;  // what answers hold weakly
};

}  // namespace vrrp::tracking

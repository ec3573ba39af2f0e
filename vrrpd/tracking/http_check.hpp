#pragma once

#include "vrrpd/tracking/track_options.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace vrrp::tracking {

/// Asks `GET path` every interval over a new connection; 200 within the timeout is good, anything
/// else bad, a refused connection at once. One question at a time.
class HttpCheck {
 public:
  using OnResult = std::function<void(bool good)>;

  HttpCheck(boost::asio::io_context& context, const TrackOptions& options, OnResult on_result);
  HttpCheck(const HttpCheck&) = delete;
  HttpCheck& operator=(const HttpCheck&) = delete;

  /// The first question goes out now. The check must outlive the running of its io_context.
  void start();
  /// No more results after this.
  void stop();

 private:
  struct Question;
  void ask();
  void answered(bool good);

  boost::asio::io_context& context_;
  TrackOptions options_;
  OnResult on_result_;
  boost::asio::steady_timer timer_;
  bool stopped_{false};
};

}  // namespace vrrp::tracking

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace vrrp::daemon {

/// Calls back whenever a descriptor that somebody else owns has something to read. Forget it before
/// it is closed.
class ReadWaiter {
 public:
  ReadWaiter(boost::asio::io_context& context, std::function<void()> on_readable)
      : descriptor_{context}, on_readable_{std::move(on_readable)} {}
  ReadWaiter(const ReadWaiter&) = delete;
  ReadWaiter& operator=(const ReadWaiter&) = delete;
  ~ReadWaiter() { forget(); }

  void watch(int descriptor) {
    forget();
    descriptor_.assign(descriptor);
    wait();
  }
  void forget() {
    if (descriptor_.is_open()) descriptor_.release();
  }

 private:
  void wait() {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](boost::system::error_code error) {
                             if (error || !descriptor_.is_open()) return;
                             on_readable_();
                             // Afterwards: armed before the reading it would report the same octets
                             // again.
                             if (descriptor_.is_open()) wait();
                           });
  }

  // Of the one context: an executor of any kind would be asked for its kind at each wait.
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> descriptor_;
  std::function<void()> on_readable_;
};

}  // namespace vrrp::daemon

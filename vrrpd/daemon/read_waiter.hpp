#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
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
    ++watch_;
    if (descriptor_.is_open()) descriptor_.release();
  }
  bool watching() const { return descriptor_.is_open(); }

 private:
  void wait() {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this, of = watch_](boost::system::error_code error) {
                             if (error || of != watch_) return;
                             on_readable_();
                             // Afterwards: armed before the reading it would report the same octets
                             // again. It may have been forgotten and watched anew meanwhile.
                             if (of == watch_) wait();
                           });
  }

  // Of the one context: an executor of any kind would be asked for its kind at each wait.
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> descriptor_;
  std::function<void()> on_readable_;
  std::uint64_t watch_{0};  // what is on its way of one before is not of this one
};

}  // namespace vrrp::daemon

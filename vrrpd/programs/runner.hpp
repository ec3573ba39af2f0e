#pragma once

#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/programs/program.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <map>

namespace vrrp::programs {

/// The daemon's side of the helper: orders go out, outcomes come back; nothing here waits.
class Runner {
 public:
  using OnEnded = std::function<void(const Ended&)>;
  static constexpr std::size_t kMostOrders = 64;  // not yet ended; one more is not started

  /// `helper`: from `start_helper`.
  Runner(boost::asio::io_context& context, link::Descriptor helper);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// `on_ended` is called from the event loop, never from inside. Whoever orders may be gone by
  /// then: it has to see to that itself.
  void run(const Program& program, OnEnded on_ended);
  /// No more outcomes are waited for: the io_context may end.
  void stop();

 private:
  void wait();
  void read();
  void lose();
  void fail(OnEnded on_ended, const char* why);

  boost::asio::io_context& context_;
  boost::asio::posix::stream_descriptor socket_;  // closed: the helper is gone
  std::map<std::uint32_t, OnEnded> orders_;
  std::uint32_t next_id_{0};
};

}  // namespace vrrp::programs

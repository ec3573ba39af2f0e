#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace common {

/// Brings the process's signals into an io_context: SIGTERM and SIGINT ask to stop, SIGHUP to read
/// the configuration again, SIGUSR1 to open its logs anew, SIGUSR2 to make way for a new binary.
/// SIGPIPE is ignored: a closed peer is an error value.
class Signals {
 public:
  struct Handlers {
    std::function<void()> stop;       // at the first SIGTERM or SIGINT: leave in good order
    std::function<void()> abort;      // at the second: leave now
    std::function<void()> reload;     // at every SIGHUP; empty: ignored
    std::function<void()> upgrade{};  // at every SIGUSR2; empty: ignored
    std::function<void()> reopen{};   // at every SIGUSR1; empty: ignored
  };

  Signals(boost::asio::io_context& context, Handlers handlers);

 private:
  void wait();

  boost::asio::signal_set set_;
  Handlers handlers_;
  bool stopping_{false};
};

}  // namespace common

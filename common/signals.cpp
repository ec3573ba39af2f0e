#include "common/signals.hpp"

#include <csignal>
#include <utility>

namespace common {

Signals::Signals(boost::asio::io_context& context, Handlers handlers)
    : set_{context, SIGTERM, SIGINT, SIGHUP}, handlers_{std::move(handlers)} {
  set_.add(SIGUSR1);
  set_.add(SIGUSR2);
  std::signal(SIGPIPE, SIG_IGN);
  wait();
}

void Signals::wait() {
  set_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;  // the set is going away
    if (signal == SIGHUP) {
      if (handlers_.reload) handlers_.reload();
    } else if (signal == SIGUSR1) {
      if (handlers_.reopen) handlers_.reopen();
    } else if (signal == SIGUSR2) {
      if (handlers_.upgrade) handlers_.upgrade();
    } else {
      const auto& handler = std::exchange(stopping_, true) ? handlers_.abort : handlers_.stop;
      if (handler) handler();
    }
    wait();
  });
}

}  // namespace common

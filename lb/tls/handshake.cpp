#include "lb/tls/handshake.hpp"

namespace lb::tls {

net::Awaitable<bool> shake_hands(net::Stream& stream, Connection& connection, bool is_new) {
  if (is_new) {
    const auto [error, none] = co_await stream.wait_readable();
    if (error) co_return false;
  }
  while (true) {
    switch (connection.shake()) {
      case Connection::Step::Done:
        co_return true;
      case Connection::Step::Failed:
        co_return false;
      case Connection::Step::WantRead: {
        const auto [error, none] = co_await stream.wait_readable();
        if (error) co_return false;
        break;
      }
      case Connection::Step::WantWrite: {
        const auto [error] = co_await stream.wait_writable();
        if (error) co_return false;
        break;
      }
    }
  }
}

}  // namespace lb::tls

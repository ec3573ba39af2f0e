#include "app/api/server.hpp"

#include "app/api/connection.hpp"
#include "common/log.hpp"
#include "common/units.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <set>
#include <stdexcept>

namespace booking::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr common::Log kLog{"booking.api"};
constexpr int kBacklog = 1024;
/// A listener out of descriptors tries again after this, instead of turning in place.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Between looks at what is still open while leaving.
constexpr std::chrono::milliseconds kDrainLook{20};

}  // namespace

/// Shared with every coroutine, so that it goes after the last of them.
struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& io, const ApiOptions& given, Metrics& counted, Lifecycle& life)
      : options{given}, metrics{counted}, lifecycle{life}, acceptor{io} {}

  class Place;

  std::string read_tls();

  asio::awaitable<void> accept();
  static asio::awaitable<void> serve(std::shared_ptr<State> self, tcp::socket socket);

  const ApiOptions& options;
  Metrics& metrics;
  Lifecycle& lifecycle;
  std::shared_ptr<const ConnectionContext> context;
  tcp::acceptor acceptor;
  Uploads uploads;
  std::optional<TlsDoor> tls;
  std::set<Connection*> open;
};

/// A connection's place among the open ones, given back however the connection ends.
class Server::State::Place {
 public:
  Place(State& state, Connection& connection) : state_{state}, connection_{connection} {
    state_.open.insert(&connection_);
  }
  ~Place() { state_.open.erase(&connection_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  State& state_;
  Connection& connection_;
};

std::string Server::State::read_tls() {
  auto wrong = tls->read();
  if (wrong.empty()) metrics.on_certificate(tls->not_after());
  return wrong;
}

asio::awaitable<void> Server::State::accept() {
  const auto self = shared_from_this();
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (!acceptor.is_open()) co_return;
    if (error) {
      kLog.warn("cannot accept", {{"reason", error.message()}});
      asio::steady_timer pause{acceptor.get_executor(), kAcceptPause};
      co_await pause.async_wait(kToken);
      continue;
    }
    if (open.size() >= options.limits.connections) {
      metrics.on_refused("too_many_connections");
      continue;  // closed as the socket goes
    }
    asio::co_spawn(acceptor.get_executor(), serve(self, std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> Server::State::serve(std::shared_ptr<State> self, tcp::socket socket) {
  Connection connection{self->context, std::move(socket)};
  const Place place{*self, connection};
  self->metrics.on_connections(self->open.size());
  co_await connection.run();
  self->metrics.on_connections(self->open.size() - 1);
}

Server::Server(asio::io_context& context, const ApiOptions& options, const RouteTable& routes,
               Metrics& metrics, Lifecycle& lifecycle, Refuse refuse)
    : state_{std::make_shared<State>(context, options, metrics, lifecycle)} {
  if (options.tls) state_->tls.emplace(*options.tls);
  state_->context = std::make_shared<const ConnectionContext>(
      ConnectionContext{options, routes, metrics, std::move(refuse), state_->uploads,
                        state_->tls ? &*state_->tls : nullptr});
}

Server::~Server() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

common::Result<common::SocketAddress> Server::listen() {
  if (state_->tls)
    if (const auto wrong = state_->read_tls(); !wrong.empty()) throw std::runtime_error{wrong};
  const auto& address = state_->options.listen;
  const tcp::endpoint endpoint{asio::ip::make_address(address.ip.to_string()), address.port};
  auto& acceptor = state_->acceptor;
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return error;
  asio::co_spawn(acceptor.get_executor(), state_->accept(), asio::detached);
  return common::SocketAddress{address.ip, acceptor.local_endpoint().port()};
}

void Server::renew() {
  if (!state_->tls) return;
  if (const auto wrong = state_->read_tls(); !wrong.empty())
    kLog.error("the certificate is not read, the old one stays", {{"reason", wrong}});
  else
    kLog.info("certificate read");
}

asio::awaitable<void> Server::drain() {
  const auto state = state_;
  const auto& drain = state->options.drain;
  asio::steady_timer timer{state->acceptor.get_executor()};
  state->lifecycle.draining = true;
  kLog.info("leaving", {{"announce", common::format_duration(drain.announce)},
                        {"deadline", common::format_duration(drain.deadline)}});
  timer.expires_after(drain.announce);
  co_await timer.async_wait(kToken);

  boost::system::error_code ignored;
  state->acceptor.close(ignored);
  for (auto* connection : state->open) connection->finish();
  const auto deadline = common::Clock::now() + drain.deadline;
  while (!state->open.empty() && common::Clock::now() < deadline) {
    timer.expires_after(kDrainLook);
    co_await timer.async_wait(kToken);
  }
  if (!state->open.empty()) kLog.warn("cutting connections", {{"open", state->open.size()}});
  for (auto* connection : state->open) connection->cut();
}

}  // namespace booking::api

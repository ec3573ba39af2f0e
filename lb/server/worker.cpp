#include "lb/server/worker.hpp"

#include "common/log.hpp"
#include "lb/memory/recycler.hpp"
#include "lb/net/listener.hpp"
#include "lb/net/peer.hpp"
#include "lb/net/stream.hpp"
#include "lb/proxy/client_session.hpp"
#include "lb/proxy/look.hpp"
#include "lb/server/worker_load.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <random>
#include <utility>

namespace lb::server {

using common::Clock;

/// One listening socket.
struct Worker::Intake {
  std::uint64_t listener;
  std::shared_ptr<const net::ListenerOptions> options;
  telemetry::ListenerId series;  // what its connections are counted under
  net::Acceptor acceptor;
  std::shared_ptr<const proxy::Protocols> protocols{};
};

namespace {

constexpr common::Log kLog{"lb.server"};

/// While there are no descriptors, or too many clients: how long until accepting is tried again.
constexpr auto kAcceptPause = std::chrono::milliseconds{50};
/// So many pauses in a row without a descriptor, and clients are told to come again.
constexpr std::size_t kPatience = 20;
/// A socket that closes begins no connection any more; those begun get this long to be completed.
constexpr auto kLastHandshakes = std::chrono::milliseconds{200};
/// Chores that need no precision: idle connections to endpoints, the access log, unused memory.
constexpr auto kChoreInterval = std::chrono::seconds{1};

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

std::shared_ptr<upstream::Upstream> find(const proxy::Site& site, const std::string& upstream) {
  for (const auto& one : site.upstreams)
    if (one->options().name == upstream) return one;
  return nullptr;
}

/// `before`: the site until now, whose upstreams go on under the same names; null at the start.
std::shared_ptr<proxy::Site> make_site(const Worker::Common& common, std::size_t worker,
                                       const proxy::Site* before) {
  const auto& snapshot = *common.snapshot;
  auto site = std::make_shared<proxy::Site>();
  site->options = snapshot.proxy;
  site->routes = routing::RouteTable{snapshot.routes, snapshot.merge_slashes};
  site->error_pages = snapshot.error_pages;
  site->chains = snapshot.chains;
  site->chain_of_rest = snapshot.chain_of_rest;
  site->bounds = snapshot.bounds;
  site->series = common.series;
  site->tracing = snapshot.tracing;
  site->overload = snapshot.overload;
  for (std::size_t i = 0; i < snapshot.upstreams.size(); ++i) {
    const auto& options = snapshot.upstreams[i];
    const auto& [queue, view] = common.upstreams[i];
    auto upstream = before != nullptr ? find(*before, options.name) : nullptr;
    if (upstream) {
      upstream->configure(options);
    } else {
      upstream = std::make_shared<upstream::Upstream>(options, worker, queue);
      upstream->set_on_passive(
          [on_passive = common.on_passive, name = options.name](auto endpoint, auto event) {
            on_passive(name, endpoint, event);
          });
    }
    upstream->apply(view);
    site->upstreams.push_back(std::move(upstream));
  }
  return site;
}

}  // namespace

Worker::Worker(std::size_t number, const Common& common,
               std::shared_ptr<telemetry::WorkerCounters> counters, std::function<void()> on_empty)
    : snapshot_{common.snapshot},
      on_empty_{std::move(on_empty)},
      // Only this thread does I/O here, so the reactor needs no locks; `post` from outside still
      // does.
      context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO},
      shared_{
          .executor = context_.get_executor(),
          .number = number,
          .site = make_site(common, number, nullptr),
          .counters = counters,
          .buffers = net::BufferPool{snapshot_->proxy.limits.message.head + proxy::kAddedFields},
          .wheel = net::DeadlineWheel{Clock::now()},
          .access_log = {common.outputs.access_log, snapshot_->access_log, counters, random_seed()},
          .spans = {common.outputs.spans, counters},
          .recent_errors = common.recent_errors,
          .request_ids = proxy::RequestIds{random_seed()},
          .date = http::date_text(std::chrono::system_clock::now()),
          .clients = common.clients},
      tick_timer_{context_.get_executor()},
      memory_{common.memory},
      memory_limit_{memory_limit(*snapshot_)},
      descriptors_{common.descriptors},
      reserve_{open_reserve()} {}

Worker::~Worker() {
  if (thread_.joinable()) thread_.join();
}

void Worker::start() {
  net::asio::co_spawn(shared_.executor, tick(), net::asio::detached);
  thread_ = std::thread{[this] {
    run();
    // Sockets kept warm belong to the context: they go before it does.
    shared_.site.reset();
    on_empty_();
  }};
}

/// Whoever memory runs out for is let go, as the exception unwinds what it was thrown in; all
/// others are served on.
void Worker::run() {
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::bad_alloc&) {
      shared_.counters->add(telemetry::Rejected::Overload);
    }
  }
}

void Worker::serve(net::Socket&& socket, const net::asio::ip::tcp::endpoint& peer,
                   const Intake& intake) {
  const auto address = net::end_of(peer).ip;
  const auto header = proxy::proxy_header_of(intake.options->proxy_header, address);
  if (!header) {
    shared_.counters->add(telemetry::Rejected::ProxyHeader);
    return;
  }
  try {
    proxy::serve_client(shared_, std::move(socket), address, intake.series, *header,
                        intake.protocols);
  } catch (const std::bad_alloc&) {  // accepting goes on
    shared_.counters->add(telemetry::Rejected::Overload);
  }
}

/// Clients whose connection the kernel has accepted for us would be reset when the socket closes.
void Worker::empty_backlog(Intake& intake) {
  boost::system::error_code error;
  auto& acceptor = intake.acceptor;
  acceptor.non_blocking(true, error);
  for (int left = intake.options->backlog; !error && left > 0 && !is_full(); --left) {
    net::asio::ip::tcp::endpoint peer;
    net::Socket socket{shared_.executor};
    acceptor.accept(socket, peer, error);
    if (!error) serve(std::move(socket), peer, intake);
  }
}

net::Awaitable<> Worker::accept(std::shared_ptr<Intake> intake) {
  auto& acceptor = intake->acceptor;
  net::Timer pause{shared_.executor};
  std::size_t in_vain = 0;  // pauses in a row for want of a descriptor
  while (acceptor.is_open()) {
    net::asio::ip::tcp::endpoint peer;
    net::Socket socket{shared_.executor};
    boost::system::error_code error;
    if (!is_full()) {
      std::tie(error) = co_await acceptor.async_accept(socket, peer, net::kToken);
      if (!error) {
        in_vain = 0;
        serve(std::move(socket), peer, *intake);
        continue;
      }
      if (!net::is_exhaustion(error)) continue;  // that one client is gone already
      if (++in_vain >= kPatience) refuse_waiting(acceptor);
    }
    // New clients wait in the kernel's backlog.
    shared_.counters->accept_pauses.add();
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(net::kToken);
  }
}

/// The end of a socket that nobody serves after us: what is connecting right now comes in, too.
net::Awaitable<> Worker::retire(std::shared_ptr<Intake> intake) {
  net::Timer handshakes{shared_.executor, kLastHandshakes};
  co_await handshakes.async_wait(net::kToken);
  if (intake->acceptor.is_open()) {
    empty_backlog(*intake);
    net::leave_listener(intake->acceptor);
  }
  end_connections(intake->series);  // those that came in last, too
  std::erase(intakes_, intake);
}

net::Awaitable<> Worker::tick() {
  auto next_chore = Clock::now() + kChoreInterval;
  while (!(shared_.draining && shared_.sessions.empty() && intakes_.empty())) {
    tick_timer_.expires_after(net::DeadlineWheel::kTick);
    co_await tick_timer_.async_wait(net::kToken);
    const auto now = Clock::now();
    shared_.wheel.advance(now);
    if (now >= offer_ends_) {
      offer_ends_ = common::TimePoint::max();
      shared_.offering_close = offers_for_good_;
    }
    look_at_load(now, now - tick_timer_.expiry());
    if (now < next_chore) continue;
    next_chore = now + kChoreInterval;
    shared_.date = http::date_text(std::chrono::system_clock::now());
    for (const auto& upstream : shared_.site->upstreams) upstream->sweep(now);
    shared_.access_log.flush();
    shared_.spans.flush();
    shared_.buffers.trim();
    shared_.relay_buffers.trim();
    memory::Recycler::trim();
  }
  for (const auto& upstream : shared_.site->upstreams) upstream->close_idle();
  shared_.access_log.flush();
  shared_.spans.flush();
}

void Worker::apply(const std::string& upstream, std::shared_ptr<const upstream::RosterView> view) {
  net::asio::post(context_, [this, upstream, view = std::move(view)] {
    if (!shared_.site) return;
    if (const auto known = find(*shared_.site, upstream)) known->apply(view);
  });
}

void Worker::offer_close() {
  net::asio::post(context_, [this] {
    offers_for_good_ = true;
    begin_offer();
  });
}

void Worker::offer_close_until(common::TimePoint end) {
  net::asio::post(context_, [this, end] {
    offer_ends_ = end;
    if (end > Clock::now()) begin_offer();
  });
}

/// HTTP/1.1 says it with the next answer; HTTP/2 can say it now, however long it idles or its
/// streams last.
void Worker::begin_offer() {
  shared_.offering_close = true;
  shared_.sessions.for_each([](proxy::DrainHook& session) { session.on_offer(); });
}

void Worker::install(Common common) {
  net::asio::post(context_, [this, common = std::move(common)] {
    if (!shared_.site) return;
    const auto before = shared_.site;  // exchanges under way hold it, too
    snapshot_ = common.snapshot;
    memory_limit_ = memory_limit(*snapshot_);
    descriptors_ = common.descriptors;
    shared_.site = make_site(common, shared_.number, before.get());
    shared_.access_log = {common.outputs.access_log, snapshot_->access_log, shared_.counters,
                          shared_.request_ids.random()};
    shared_.spans = {common.outputs.spans, shared_.counters};
    shared_.buffers.resize(snapshot_->proxy.limits.message.head + proxy::kAddedFields);
    for (const auto& upstream : before->upstreams)
      if (!find(*shared_.site, upstream->options().name)) upstream->close_idle();
  });
}

telemetry::ListenerId Worker::series_of(const net::ListenerOptions& options) const {
  return shared_.site->series->listener(options.name);
}

std::shared_ptr<const proxy::Protocols> Worker::protocols_of(
    const net::ListenerOptions& options) const {
  auto protocols = std::make_shared<proxy::Protocols>();
  if (const auto found = snapshot_->tls.find(options.name); found != snapshot_->tls.end())
    protocols->tls = found->second;
  if (const auto found = snapshot_->http2.find(options.name); found != snapshot_->http2.end())
    protocols->http2 = found->second;
  return protocols;
}

/// Each with the answer under way; those between two requests now.
void Worker::end_connections(telemetry::ListenerId series) {
  shared_.sessions.for_each(
      [series](proxy::DrainHook& session) { session.on_listener_left(series); });
}

void Worker::listen(std::uint64_t listener, std::shared_ptr<const net::ListenerOptions> options,
                    net::Descriptor socket) {
  net::asio::post(context_, [this, listener, options = std::move(options),
                             socket = std::move(socket)]() mutable {
    auto acceptor = net::adopt_listener(shared_.executor, std::move(socket));
    if (!acceptor) {
      kLog.error("a worker cannot listen", {{"address", options->address.to_string()},
                                            {"error", acceptor.error().message()}});
      return;
    }
    intakes_.push_back(std::make_shared<Intake>(Intake{
        listener, options, series_of(*options), std::move(*acceptor), protocols_of(*options)}));
    net::asio::co_spawn(shared_.executor, accept(intakes_.back()), net::asio::detached);
  });
}

void Worker::change_listener(std::uint64_t listener,
                             std::shared_ptr<const net::ListenerOptions> options) {
  net::asio::post(context_, [this, listener, options = std::move(options)] {
    for (const auto& intake : intakes_)
      if (intake->listener == listener) {
        intake->options = options;
        intake->series = series_of(*options);
        intake->protocols = protocols_of(*options);
      }
  });
}

void Worker::leave_listener(std::uint64_t listener, Parting parting) {
  net::asio::post(context_, [this, listener, parting] {
    const auto left = intakes_;
    for (const auto& intake : left) {
      if (intake->listener != listener) continue;
      if (parting == Parting::Close) {
        end_connections(intake->series);
        net::asio::co_spawn(shared_.executor, retire(intake), net::asio::detached);
      } else {
        net::leave_listener(intake->acceptor);
        std::erase(intakes_, intake);
      }
    }
  });
}

void Worker::look(std::size_t most, std::function<void(proxy::SessionsView)> seen) {
  net::asio::post(context_, [this, most, seen = std::move(seen)] {
    if (shared_.site) seen(proxy::look_at(shared_, most, Clock::now()));
  });
}

void Worker::finish() {
  net::asio::post(context_, [this] {
    shared_.offering_close = offers_for_good_ = true;
    shared_.draining = true;
    shared_.sessions.for_each([](proxy::DrainHook& session) { session.on_drain(); });
  });
}

void Worker::cut() {
  net::asio::post(context_, [this] {
    shared_.offering_close = offers_for_good_ = true;
    shared_.draining = true;
    for (const auto& intake : std::exchange(intakes_, {})) net::leave_listener(intake->acceptor);
    shared_.sessions.for_each([](proxy::DrainHook& session) { session.on_drain_deadline(); });
  });
}

}  // namespace lb::server

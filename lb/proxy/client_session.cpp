#include "lb/proxy/client_session.hpp"

#include "lb/net/peer.hpp"
#include "lb/proxy/client_connection.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/http2_connection.hpp"
#include "lb/proxy/refused_head.hpp"
#include "lb/proxy/unasked_answers.hpp"
#include "lb/proxy_protocol/header.hpp"
#include "lb/tls/handshake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace lb::proxy {
namespace {

using common::Clock;

/// A connection that has idled this long is parked: it gives its coroutine back and is a few
/// hundred octets until its next request. Busy connections never pay for it.
constexpr auto kParkAfter = std::chrono::milliseconds{20};

static_assert(telemetry::TlsCounters::kFailures == tls::kFailureCount);

/// Under pressure a connection that has idled this long is closed.
constexpr auto kIdleUnderPressure = std::chrono::seconds{2};

/// After the last answer: how long a client may be silent, and how long and how much it may still
/// send, before it is cut off. Without it the kernel resets the connection and may take the answer
/// away before it is read; a client that looks at it only behind its whole upload should find it.
constexpr auto kLinger = std::chrono::seconds{1};
constexpr auto kMostLinger = std::chrono::seconds{5};
constexpr std::size_t kLingerOctets = 16U << 20U;

/// Belongs to itself: to its coroutine while it has one, to what wakes it while it is parked.
class ClientSession final : ClientConnection, DrainHook {
 public:
  ClientSession(WorkerContext& w, net::Socket&& socket, const common::IpAddress& peer,
                telemetry::ListenerId from, ProxyHeader header,
                std::shared_ptr<const Protocols> spoken)
      : ClientConnection{w, std::move(socket), peer, from},
        protocols_{std::move(spoken)},
        header_{header} {
    worker.sessions.push_back(*this);
    worker.counters->client_connections.add();
    worker.counters->active_client_connections.add();
    await_request(Clock::now());
  }
  ~ClientSession() override {
    worker.counters->active_client_connections.subtract(1);
    if (tls != nullptr && tls->was_flooded()) worker.counters->client_tls.floods.add();
  }

  /// False for a client that has as many connections as it may: it is told and closed.
  bool take_place() {
    if (worker.site->overload.connections_per_client == 0) return true;
    auto taken = worker.clients->take(address, worker.site->overload);
    if (taken) {
      place = std::move(*taken);
      return true;
    }
    worker.counters->add(telemetry::Rejected::PerClient);
    net::Pieces pieces;
    pieces.add(kTooManyConnections);
    if (!awaits_tls()) stream.try_write(pieces);  // else there is no way yet to say it
    stream.shutdown_send();
    return false;
  }

  static void start(std::unique_ptr<ClientSession> session) {
    const auto executor = session->worker.executor;
    net::asio::co_spawn(executor, serve(std::move(session)), net::asio::detached);
  }

 private:
  /// What the session does next.
  enum class Next : std::uint8_t { Handshake, Http2, Read, ReadOn, Park, Exchange, Refuse, Close };

  static net::Awaitable<> serve(std::unique_ptr<ClientSession> session) {
    co_await session->run();
    if (session->parked_) static_cast<void>(session.release());
  }

  void await_request(common::TimePoint now) {
    const auto& timeouts = worker.site->options.timeouts;
    idle_ = true;
    new_line_ = true;  // what was sent ahead has not been looked at
    idle_until_ = now + (requests == 0 ? timeouts.head : timeouts.keep_alive);
    watchdog.limit_total(common::TimePoint::max());
    watchdog.expect(Wait::Idle, std::min<common::TimePoint>(idle_until_, now + kParkAfter));
    if (input.empty())
      input.release();
    else
      on_begin(now);
  }

  /// Decides by what has arrived so far.
  Next next() {
    if (is_leaving() && may_close()) return Next::Close;
    if (awaits_tls() && header_ == ProxyHeader::None) return Next::Handshake;
    if (input.empty()) return Next::Read;
    if (header_ != ProxyHeader::None) return on_proxy_header();
    if (requests == 0 && tls == nullptr && protocols_ && protocols_->http2) {
      const auto size = std::min(input.size(), http2::kPreface.size());
      if (input.content().starts_with(http2::kPreface)) return Next::Http2;
      if (http2::kPreface.starts_with(input.content().substr(0, size))) return Next::ReadOn;
    }
    if (!new_line_ && !input.space().empty() && !http1::is_tls(input.content()))
      return Next::ReadOn;
    new_line_ = false;
    const auto parsed =
        http1::parse_request(input.content(), worker.site->options.limits.message, worker.request);
    if (!parsed) {
      malformed_ = parsed.error();
      return Next::Refuse;
    }
    if (*parsed > 0) {
      head_size_ = static_cast<std::uint32_t>(*parsed);
      idle_ = false;
      ++requests;
      return Next::Exchange;
    }
    if (!input.space().empty()) return Next::ReadOn;
    input.compact();  // requests that were sent ahead may stand before this one
    if (!input.space().empty()) return Next::ReadOn;
    malformed_ = http1::Errc::HeadTooLarge;
    return Next::Refuse;
  }

  /// What has arrived so far begins with a header of the PROXY protocol, or should.
  Next on_proxy_header() {
    using proxy_protocol::Errc;
    const auto header = proxy_protocol::parse_header(input.content());
    if (!header && (header.error() != Errc::NoHeader || header_ == ProxyHeader::Required)) {
      worker.counters->add(telemetry::Rejected::ProxyHeader);
      return Next::Close;
    }
    if (header && !*header) return Next::ReadOn;  // shorter than any buffer
    header_ = ProxyHeader::None;
    if (!header) return take_place() ? next() : Next::Close;
    input.consume((*header)->size);
    if (const auto& ends = (*header)->ends) {
      address = net::unmapped(ends->source.ip);
      port = ends->source.port;
    }
    if (!take_place()) return Next::Close;
    await_request(Clock::now());
    return next();
  }

  /// What has been read stands behind what was there before.
  Next on_read(std::string_view octets) {
    const auto expired = watchdog.expired();
    if (!octets.empty() && expired != Wait::Head) {
      worker.counters->bytes_received.add(octets.size());
      const bool begins = input.empty();
      new_line_ = octets.find('\n') != std::string_view::npos;
      input.commit(octets.size());
      if (begins) on_begin(Clock::now());
      return next();
    }
    if (expired == Wait::Idle && Clock::now() < idle_until_) return Next::Park;
    return expired == Wait::Head ? Next::Refuse : Next::Close;
  }

  net::Awaitable<> run() {
    parked_ = false;
    auto step = next();
    while (true) {
      switch (step) {
        case Next::Handshake:
          if (!co_await secure()) co_return;
          await_request(Clock::now());
          // A request mostly comes right behind the handshake.
          step = protocols_->http2 && tls->protocol() == "h2" ? Next::Http2 : Next::ReadOn;
          continue;
        case Next::Http2:
          co_await speak_http2();
          co_await linger();
          co_return;
        case Next::Read: {
          const auto [error, count] = co_await stream.read_turn(input, worker.buffers, take_new());
          step = on_read({input.space().data(), error ? 0 : count});
          continue;
        }
        case Next::ReadOn: {
          const auto [error, count] = co_await stream.read_more(input, worker.buffers);
          step = on_read({input.space().data(), error ? 0 : count});
          continue;
        }
        case Next::Park:
          if (is_leaving() && stream.is_quiet()) co_return;
          if (park()) co_return;
          step = Next::ReadOn;
          continue;
        case Next::Exchange: {
          Exchange exchange{*this, began_};
          serving_ = true;
          const auto ending = co_await exchange.run(head_size_);
          serving_ = false;
          if (ending == Ending::Persist) {
            await_request(exchange.ended_at());
            step = next();
            continue;
          }
          if (ending == Ending::Linger) co_await linger();
          co_return;
        }
        case Next::Refuse:
          refuse_head(*this,
                      malformed_ ? refusal_of(*malformed_) : refusal_of(Trouble::HeadTimeout),
                      began_);
          co_await linger();
          co_return;
        case Next::Close:
          co_return;
      }
    }
  }

  /// From here on all that is said is TLS. False when it does not come about.
  net::Awaitable<bool> secure() {
    auto layer = protocols_->tls->accept(stream.socket().native_handle(), input.content());
    auto& connection = *layer;
    input.clear();
    input.release();
    stream.put_on(std::move(layer));
    watchdog.expect(Wait::Handshake, Clock::now() + worker.site->options.timeouts.handshake);
    const bool established = co_await tls::shake_hands(stream, connection, take_new());
    auto& counters = worker.counters->client_tls;
    if (established) {
      const auto [tls13, resumed] = connection.agreed();
      counters.add_handshake(tls13, resumed);
      if (connection.sends_plain()) counters.ktls.add();
      tls = &connection;
      co_return true;
    }
    auto failure = connection.failure();
    if (watchdog.expired() == Wait::Handshake) failure = tls::Failure::Timeout;
    counters.failures[static_cast<std::size_t>(failure)].add();
    if (connection.met_plain_http())
      ::send(stream.socket().native_handle(), kNotTls.data(), kNotTls.size(),
             MSG_DONTWAIT | MSG_NOSIGNAL);
    co_return false;
  }

  net::Awaitable<> speak_http2() {
    Http2Connection connection{*this, *protocols_->http2};
    idle_ = false;
    http2_ = &connection;
    co_await connection.run();
    http2_ = nullptr;
  }

  bool take_new() { return std::exchange(new_, false); }
  bool is_leaving() const { return worker.draining || leaving; }
  bool awaits_tls() const { return protocols_ && protocols_->tls && tls == nullptr; }

  /// False when there is something to be read after all.
  bool park() {
    // An end that came together with the last request was not told to anybody.
    if (!stream.is_quiet()) {
      watchdog.expect(Wait::Idle, idle_until_);
      return false;
    }
    stream.watch(this, [](void* self, net::Reader::Event event) {
      static_cast<ClientSession*>(self)->on_wake(event);
    });
    watchdog.expect(Wait::Parked, idle_until_);
    parked_ = true;
    return true;
  }

  void on_wake(net::Reader::Event event) {
    std::unique_ptr<ClientSession> self{this};
    if (event == net::Reader::Event::End) return;
    watchdog.expect(Wait::Idle, idle_until_);
    start(std::move(self));
  }

  void on_parked_too_long() override { delete this; }

  /// The first octet of a head is here; from now it has an absolute limit.
  void on_begin(common::TimePoint now) {
    idle_ = false;
    began_ = now;
    watchdog.expect(Wait::Head, now + worker.site->options.timeouts.head);
  }

  net::Awaitable<> linger() {
    if (!stream.is_open()) co_return;
    watchdog.limit_total(common::TimePoint::max());
    const auto end = Clock::now() + (is_leaving() ? kLinger : kMostLinger);
    while (!stream.shutdown_send()) {
      watchdog.expect(Wait::Linger, end);
      const auto [error] = co_await stream.wait_writable();
      if (error || watchdog.expired() != Wait::Nothing) break;
    }
    for (std::size_t octets = 0; octets < kLingerOctets;) {
      watchdog.expect(Wait::Linger, std::min<common::TimePoint>(Clock::now() + kLinger, end));
      input.clear();
      const auto [error, count] = co_await stream.read_more(input, worker.buffers);
      if (error || watchdog.expired() != Wait::Nothing) break;
      octets += count;
    }
    stream.close();
  }

  /// No request has begun, none is waiting in the socket, and none is on its way as behind a
  /// connection just opened.
  bool may_close() { return idle_ && (requests > 0 || parked_) && stream.is_quiet(); }

  std::string_view own_state() const override {
    if (http2_ != nullptr) return http2_->has_requests() ? "" : state_of(Wait::Idle);
    return serving_ ? std::string_view{} : state_of(watchdog.waiting());
  }
  SessionView look(common::TimePoint now) const override {
    const auto& timeouts = worker.site->options.timeouts;
    const auto since = http2_ != nullptr ? http2_->idle_since()
                       : idle_ ? idle_until_ - (requests == 0 ? timeouts.head : timeouts.keep_alive)
                               : began_;
    return {.worker = worker.number,
            .client = address,
            .listener = worker.site->series->http(listener, telemetry::Series::kNoRoute).listener(),
            .state = own_state(),
            .lasts = now - since,
            .requests = requests};
  }
  void on_drain() override {
    if (http2_ != nullptr) return http2_->drain();
    if (!may_close()) return;
    if (parked_)
      delete this;
    else
      stream.cancel();
  }
  void on_offer() override {
    if (http2_ != nullptr) http2_->drain();
  }
  void on_listener_left(telemetry::ListenerId left) override {
    if (listener != left) return;
    leaving = true;
    on_drain();
  }
  bool on_pressure(common::TimePoint now) override {
    if (http2_ != nullptr) {
      if (http2_->has_requests() || now - http2_->idle_since() < kIdleUnderPressure) return false;
      http2_->shed();
      return true;
    }
    const auto& timeouts = worker.site->options.timeouts;
    const auto idle_since = idle_until_ - (requests == 0 ? timeouts.head : timeouts.keep_alive);
    if (!parked_ || now - idle_since < kIdleUnderPressure || !may_close()) return false;
    delete this;
    return true;
  }
  void on_drain_deadline() override {
    if (parked_) return on_parked_too_long();
    if (http2_ != nullptr) return http2_->cut();
    stream.close();
    watchdog.expire();
  }

  // Ten thousand of these may idle at a time: what is never needed together shares its place.
  union {
    common::TimePoint idle_until_{};  // while it idles
    common::TimePoint began_;         // then: the head that is arriving, or was served
  };
  std::shared_ptr<const Protocols> protocols_;
  Http2Connection* http2_{nullptr};  // while that is spoken
  std::uint32_t head_size_{0};
  ProxyHeader header_;
  std::optional<http1::Errc> malformed_;  // why a head is refused, if not for its slowness
  bool new_{true};                        // accepted in this very turn of the loop
  bool idle_ : 1 {true};
  bool parked_ : 1 {false};
  bool new_line_ : 1 {false};
  bool serving_ : 1 {false};  // an exchange has it
};

}  // namespace

void serve_client(WorkerContext& worker, net::Socket socket, common::IpAddress address,
                  telemetry::ListenerId listener, ProxyHeader header,
                  std::shared_ptr<const Protocols> protocols) {
  auto session = std::make_unique<ClientSession>(worker, std::move(socket), address, listener,
                                                 header, std::move(protocols));
  // Behind a PROXY header stands another client than our peer.
  if (header != ProxyHeader::None || session->take_place())
    ClientSession::start(std::move(session));
}

}  // namespace lb::proxy

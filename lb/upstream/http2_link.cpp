#include "lb/upstream/http2_link.hpp"

#include "lb/tls/handshake.hpp"
#include "lb/upstream/stream_layer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <netinet/tcp.h>
#include <new>
#include <sys/socket.h>
#include <utility>

namespace lb::upstream {

using boost::system::error_code;
using common::Clock;

static_assert(telemetry::Http2EndpointCounters::kEndings == http2::kEndingCount);

/// Holds its connection, which the stream is of.
class Http2Link::Layer final : public StreamLayer<http2::EndpointStream> {
 public:
  explicit Layer(std::shared_ptr<Http2Link> link)
      : StreamLayer{link->home_.executor}, link_{std::move(link)} {
    take(link_->session_.open(*this));
  }
  ~Layer() override { on_closed(); }  // before the connection goes

  http2::Loss loss() const { return stream() == nullptr ? http2::Loss::Died : stream()->loss(); }
  Http2Link& link() const { return *link_; }

 private:
  std::shared_ptr<Http2Link> link_;
};

std::shared_ptr<Http2Link> Http2Link::open(LinkHome home, LinkTarget target) {
  auto link = std::make_shared<Http2Link>(std::move(home), std::move(target));
  net::asio::co_spawn(link->home_.executor, run(link), net::asio::detached);
  return link;
}

Http2Link::Http2Link(LinkHome home, LinkTarget target)
    : home_{std::move(home)},
      target_{std::move(target)},
      stream_{home_.executor},
      began_{Clock::now()},
      session_{*this, target_.options, target_.tls != nullptr, began_},
      limit_{home_.executor},
      timer_{home_.executor} {
  if (home_.counters != nullptr)
    counted_ = telemetry::Held{home_.counters->active_upstream_connections};
}

Http2Link::~Http2Link() = default;

std::unique_ptr<Connection> Http2Link::lend() {
  /// Lent to one exchange.
  struct Lent final : Connection {
    Lent(net::Executor executor, std::unique_ptr<Layer> own)
        : Connection{executor, std::move(own)}, own_{static_cast<Layer*>(stream.layer())} {}
    bool is_share() const override { return true; }
    Layer& layer() const { return *own_; }
    http2::Loss loss() const override { return layer().loss(); }
    bool is_ready() const override { return layer().link().is_ready(); }
    error_code failure() const override { return layer().link().failure(); }

   private:
    Layer* own_;  // the stream's
  };
  auto lent = std::make_unique<Lent>(home_.executor, std::make_unique<Layer>(shared_from_this()));
  // What follows others on a connection that has just been idle may meet its end.
  lent->reused = std::exchange(lent_before_, true) && session_.streams() == 1;
  return lent;
}

void Http2Link::leave() {
  if (over_) return;
  if (!session_.is_ready() && !session_.has_streams()) return cut();
  session_.leave(Clock::now());
  on_change();
}

void Http2Link::cut() {
  if (std::exchange(over_, true)) return;
  session_.end(http2::Ending::Cut);
  if (connected_ && !sending_) send(Clock::now());
  limit_.cancel();
  timer_.cancel();
  stream_.close();
}

/// By way of the context: who has caused it may be in the middle of something.
void Http2Link::on_change() {
  if (posted_ || over_ || !connected_) return;
  posted_ = true;
  net::asio::post(home_.executor, [self = shared_from_this()] { self->look_after(); });
}

net::Awaitable<> Http2Link::run(std::shared_ptr<Http2Link> self) {
  auto& link = *self;
  link.limit_connecting();
  link.failure_ = co_await link.connect();
  link.connected_ = !link.failure_ && !link.over_;
  link.on_change();
  while (link.connected_ && !link.over_) {
    link.input_.clear();
    link.input_.release();
    const auto [error, count] = co_await link.stream_.read_more(link.input_, link.home_.input);
    if (error || link.over_) break;
    link.input_.commit(count);
    try {
      link.session_.receive(link.input_.content(), Clock::now());
    } catch (const std::bad_alloc&) {  // its requests are lost, all others go on
      break;
    }
    if (!link.ready_ && link.session_.is_ready()) link.on_ready();
  }
  link.finish();
}

/// Whoever waits for a connection must not wait for ever, nor for one that is none.
void Http2Link::limit_connecting() {
  limit_.expires_after(target_.connect_timeout);
  limit_.async_wait([self = shared_from_this()](error_code aborted) {
    if (aborted || self->ready_) return;
    self->late_ = true;
    self->stream_.close();
  });
}

net::Awaitable<error_code> Http2Link::connect() {
  auto [error] = co_await stream_.socket().async_connect(target_.address, net::kToken);
  if (error) co_return error;
  stream_.send_at_once();
  recognise_the_dead();
  if (target_.tls) error = co_await secure();
  co_return error;
}

net::Awaitable<error_code> Http2Link::secure() {
  auto layer = target_.tls->connect(stream_.socket().native_handle(),
                                    target_.address.address().to_string(), target_.session);
  auto& connection = *layer;
  stream_.put_on(std::move(layer));
  const bool established = co_await tls::shake_hands(stream_, connection);
  auto failed = connection.failure();
  if (!established) {
    reason_ = "TLS: " + connection.reason();
  } else if (connection.protocol() != "h2") {
    failed = tls::Failure::NothingInCommon;
    reason_ = "the endpoint did not choose h2 by ALPN";
  } else {
    const auto [tls13, resumed] = connection.agreed();
    if (home_.counters != nullptr) home_.counters->upstream_tls.add_handshake(tls13, resumed);
    co_return error_code{};
  }
  if (home_.counters != nullptr)
    home_.counters->upstream_tls.failures[static_cast<std::size_t>(failed)].add();
  co_return net::asio::error::connection_refused;
}

/// A host that has died says nothing; all who share the connection would wait for it. The kernel
/// sees that what is sent, and its own keepalives, are not acknowledged.
void Http2Link::recognise_the_dead() {
  const int socket = stream_.socket().native_handle();
  constexpr int kSeconds = static_cast<int>(kDeadAfter.count());
  const auto set = [socket](int level, int name, int value) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kSeconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kSeconds / 2);
  set(IPPROTO_TCP, TCP_KEEPCNT, 2);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kSeconds * 1000);
}

void Http2Link::on_ready() {
  ready_ = true;
  limit_.cancel();
  if (home_.counters != nullptr) {
    home_.counters->upstream_connections.add();
    home_.counters->upstream_http2.connections.add();
  }
  if (home_.endpoint == nullptr) return;
  home_.endpoint->connections.add();
  home_.endpoint->connecting.add(Clock::now() - began_);
}

void Http2Link::finish() {
  over_ = true;
  limit_.cancel();
  timer_.cancel();
  if (late_) failure_ = net::asio::error::timed_out;
  // Of one that was ready, too: who has not begun yet need not wait.
  if (!failure_)
    failure_ = ready_ ? net::asio::error::connection_reset : net::asio::error::connection_refused;
  if (reason_.empty() && !ready_)
    reason_ = late_        ? "it took too long"
              : connected_ ? "no HTTP/2 is spoken there"
                           : failure_.message();
  if (ready_ && home_.counters != nullptr)
    home_.counters->upstream_http2.endings[static_cast<std::size_t>(session_.ending())].add();
  session_.on_gone(Clock::now());
  count();
  stream_.close();
}

/// Sends what can be sent, and sees to it that the next deadline is the session's.
void Http2Link::look_after() {
  posted_ = false;
  if (over_) return;
  if (!sending_ && send(Clock::now())) {
    sending_ = true;
    net::asio::co_spawn(home_.executor, send_rest(shared_from_this()), net::asio::detached);
  }
  count();
  set_timer();
  if (!session_.is_over() || !output_.empty()) return;
  over_ = true;
  stream_.cancel();  // the read ends
}

/// Whether the socket takes no more before it says so.
bool Http2Link::send(common::TimePoint now) {
  while (!broken_) {
    if (output_.empty()) {
      if (!session_.wants_to_send()) break;
      if (!output_) output_ = home_.output.take();
      const auto count = session_.produce(output_.space(), now);
      if (count == 0) break;
      output_.commit(count);
    }
    net::Pieces pieces;
    pieces.add(output_.content());
    const auto error = stream_.try_write(pieces);
    output_.consume(output_.size() - pieces.total());
    if (error) {
      broken_ = true;  // what has arrived is still read, up to the error there
      output_.clear();
      break;
    }
    if (!output_.empty()) {
      stuck_at_ = now + kSendTimeout;
      return true;
    }
  }
  output_.release();
  stuck_at_ = common::TimePoint::max();
  return false;
}

net::Awaitable<> Http2Link::send_rest(std::shared_ptr<Http2Link> self) {
  auto& link = *self;
  bool blocked = true;
  while (blocked) {
    const auto [error] = co_await link.stream_.wait_writable();
    if (error || link.over_) break;
    blocked = link.send(Clock::now());
  }
  link.sending_ = false;
  link.on_change();
}

void Http2Link::set_timer() {
  const auto next = std::min(session_.next_deadline(), stuck_at_);
  if (next >= timer_at_) return;  // on its way there it looks again
  timer_at_ = next;
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (aborted || self->over_) return;
    const auto now = Clock::now();
    self->timer_at_ = common::TimePoint::max();
    if (now >= self->stuck_at_) {
      self->stuck_at_ = common::TimePoint::max();
      self->session_.end(http2::Ending::SendTimeout);
      self->stream_.cancel();
    } else {
      self->session_.on_deadline(now);
    }
    self->set_timer();
  });
}

void Http2Link::count() {
  const auto totals = session_.take_totals();
  if (home_.counters == nullptr) return;
  auto& mine = home_.counters->upstream_http2;
  mine.streams.add(totals.streams);
  mine.not_processed.add(totals.not_processed);
  mine.resets.add(totals.resets);
  mine.malformed.add(totals.malformed);
  mine.cancelled.add(totals.cancelled);
}

}  // namespace lb::upstream

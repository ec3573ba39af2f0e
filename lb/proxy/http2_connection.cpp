#include "lb/proxy/http2_connection.hpp"

#include "lb/memory/recycler.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/refused_head.hpp"
#include "lb/upstream/stream_layer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace lb::proxy {

using common::Clock;

namespace {

static_assert(telemetry::Http2Counters::kEndings == http2::kEndingCount);
static_assert(WorkerContext::kRelayBuffer >= http2::Session::kLeastSpace);

class RequestLayer final : public upstream::StreamLayer<http2::Stream> {
 public:
  RequestLayer(http2::Stream& stream, const net::Executor& executor) : StreamLayer{executor} {
    stream.begin_use(*this);
    take(stream);
  }
};

http2::Times times_of(const Timeouts& timeouts) {
  return {.head = timeouts.head, .keep_alive = timeouts.keep_alive, .send = timeouts.send};
}

}  // namespace

/// A stream as its exchange has it: a client's connection that carries one request.
class ClientStream final : public ClientConnection, public net::ListHook, public memory::Recycled {
 public:
  ClientStream(ClientConnection& connection, http2::Stream& s)
      : ClientConnection{connection.worker,
                         std::make_unique<RequestLayer>(s, connection.worker.executor),
                         connection.address, connection.listener},
        began{Clock::now()},
        connection_{connection} {
    tls = connection.tls;
    port = connection.port;
    version = "2";
    may_half_close = false;
    requests = connection.requests;
    const auto head = s.head();
    input = worker.buffers.take();
    if (head.size() <= input.space().size()) {
      std::copy(head.begin(), head.end(), input.space().data());
      input.commit(head.size());
    }
    worker.counters->bytes_received.add(head.size());
    s.drop_head();
  }
  net::Socket& socket() override { return connection_.socket(); }
  void on_parked_too_long() override {}

  const common::TimePoint began;

 private:
  ClientConnection& connection_;
};

/// One more exchange, for as long as it lives.
struct Http2Connection::Serving {
  explicit Serving(Http2Connection& c) : connection{c} { ++connection.exchanges_; }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving() {
    --connection.exchanges_;
    connection.tell_if_alone();
  }
  Http2Connection& connection;
};

Http2Connection::Http2Connection(ClientConnection& client, const http2::Options& options)
    : Deadline{client.worker.wheel},
      client_{client},
      worker_{client.worker},
      site_{worker_.site},
      session_{*this,
               options,
               site_->options.limits.message,
               times_of(site_->options.timeouts),
               site_->options.limits.requests,
               Clock::now()} {
  client_.watchdog.expect(Wait::Nothing, common::TimePoint::max());
  worker_.counters->client_http2.connections.add();
}

Http2Connection::~Http2Connection() = default;

net::Awaitable<> Http2Connection::run() {
  auto& input = client_.input;
  if (worker_.draining || client_.leaving) drain();
  on_change();
  while (true) {
    try {
      session_.receive(input.content(), Clock::now());
      begin_requests();
    } catch (const std::bad_alloc&) {  // what goes on here must not be left behind
      worker_.counters->add(telemetry::Rejected::Overload);
      break;
    }
    if (over_) break;
    input.clear();
    input.release();
    const auto [error, count] = co_await client_.stream.read_more(input, worker_.buffers);
    if (error) break;
    input.commit(count);
  }
  over_ = true;
  worker_.counters->client_http2.endings[static_cast<std::size_t>(session_.ending())].add();
  clear();
  session_.on_gone();
  count();
  alone_.emplace(worker_.executor, common::TimePoint::max());
  while (!is_alone()) co_await alone_->async_wait(net::kToken);
}

void Http2Connection::drain() { session_.drain(Clock::now()); }

void Http2Connection::shed() { session_.end(http2::Ending::Idle); }

void Http2Connection::cut() {
  session_.end(http2::Ending::Cut);
  if (!sending_) send(Clock::now());
  over_ = true;
  client_.stream.close();
  streams_.for_each([](ClientStream& stream) { stream.watchdog.expire(); });
}

void Http2Connection::on_change() {
  if (posted_) return;
  posted_ = true;
  net::asio::post(worker_.executor, [this] { look_after(); });
}

std::array<char, 16> Http2Connection::nonce() {
  std::array<char, 16> octets{};
  const auto id = worker_.request_ids.next();
  std::copy_n(id.begin(), octets.size(), octets.begin());
  return octets;
}

void Http2Connection::on_deadline() { session_.on_deadline(Clock::now()); }

/// Sends what can be sent, and sees to it that the next deadline is the session's.
void Http2Connection::look_after() {
  posted_ = false;
  if (over_) return tell_if_alone();
  if (!sending_ && send(Clock::now())) {
    sending_ = true;
    net::asio::co_spawn(worker_.executor, send_rest(), net::asio::detached);
  }
  count();
  set(session_.next_deadline());
  if (!session_.is_over() || (!output_.empty() && !session_.is_gone())) return;
  over_ = true;
  client_.stream.cancel();  // the read ends
}

/// Whether the socket takes no more before it says so.
bool Http2Connection::send(common::TimePoint now) {
  while (true) {
    if (output_.empty()) {
      if (!session_.wants_to_send()) break;
      if (!output_) output_ = worker_.relay_buffers.take();
      const auto count = session_.produce(output_.space(), now);
      if (count == 0) break;
      output_.commit(count);
    }
    net::Pieces pieces;
    pieces.add(output_.content());
    const auto error = client_.stream.try_write(pieces);
    output_.consume(output_.size() - pieces.total());
    if (error) {
      output_.clear();
      session_.on_gone();
      break;
    }
    if (!output_.empty()) {
      session_.on_sent(false, now);
      return true;
    }
  }
  output_.release();
  session_.on_sent(true, now);
  return false;
}

net::Awaitable<> Http2Connection::send_rest() {
  struct Sending {
    Http2Connection& connection;
    ~Sending() {
      connection.sending_ = false;
      connection.on_change();
    }
  };
  const Sending sending{*this};
  bool blocked = true;
  while (blocked) {
    const auto [error] = co_await client_.stream.wait_writable();
    if (error || over_) break;
    blocked = send(Clock::now());
  }
}

void Http2Connection::begin_requests() {
  while (auto* const stream = session_.next_request()) {
    ++client_.requests;
    // Not for want of room, as HTTP/1 does: one connection has many requests under way.
    if (worker_.offering_close) drain();
    auto client = std::make_unique<ClientStream>(client_, *stream);
    streams_.push_back(*client);
    net::asio::co_spawn(worker_.executor, serve(*this, std::move(client)), net::asio::detached);
  }
}

net::Awaitable<> Http2Connection::serve(Http2Connection& connection,
                                        std::unique_ptr<ClientStream> stream) {
  const Serving serving{connection};
  const auto head = http1::parse_request(
      stream->input.content(), stream->worker.site->options.limits.message, stream->worker.request);
  if (head && *head > 0) {
    Exchange exchange{*stream, stream->began};
    co_await exchange.run(*head);
  } else {
    refuse_head(*stream, refusal_of(head ? http1::Errc::HeadTooLarge : head.error()),
                stream->began);
  }
  stream.reset();
}

void Http2Connection::count() {
  auto& counters = *worker_.counters;
  auto& mine = counters.client_http2;
  const auto totals = session_.take_totals();
  mine.streams.add(totals.streams);
  mine.refused.add(totals.refused);
  mine.resets.add(totals.resets);
  mine.errors.add(totals.errors);
  for (auto left = totals.stalled; left > 0; --left) counters.add(telemetry::Timeout::Send);
}

void Http2Connection::tell_if_alone() {
  if (alone_ && is_alone()) alone_->cancel();
}

}  // namespace lb::proxy

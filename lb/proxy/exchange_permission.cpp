#include "lb/http/status.hpp"
#include "lb/proxy/content_reader.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/selector.hpp"

namespace lb::proxy {

using common::Clock;

namespace {

/// Endpoints asked for one permission: one that fails to answer is no word against the request.
constexpr int kMostAsked = 2;

/// An answer as it is kept: what the head views is its own.
struct KeptAnswer {
  std::string head_text;
  http1::ParsedResponse head;
  std::string content;
};

/// Sends one question over one connection and reads the answer to it.
class Question {
 public:
  Question(ClientConnection& client, const filters::Subrequest& question, const Limits& limits)
      : client_{client}, question_{question}, limits_{limits} {}

  /// False: nothing that could be called an answer came.
  /// `preface`: what the connection begins with.
  net::Awaitable<bool> ask(net::Stream& stream, std::string_view preface, KeptAnswer& answer) {
    net::Pieces pieces;
    pieces.add(preface);
    pieces.add(question_.head);
    auto error = stream.try_write(pieces);
    while (!error && !pieces.empty()) {
      std::tie(error) = co_await stream.wait_writable();
      if (!error) error = stream.try_write(pieces);
    }
    // A failed write is not the end: it may have answered early and closed.
    buffer_ = client_.worker.buffers.take();
    if (!co_await read_head(stream, answer)) co_return false;
    co_return co_await read_content(stream, answer);
  }
  /// The connection may carry another.
  bool reusable(const KeptAnswer& answer) const {
    return whole_ && buffer_.empty() && answer.head.persistent &&
           answer.head.body.kind != http1::BodyLength::Kind::UntilClose;
  }

 private:
  net::Awaitable<bool> read_head(net::Stream& stream, KeptAnswer& answer) {
    std::uint32_t interim = 0;
    while (true) {
      const auto size =
          http1::parse_response(buffer_.content(), limits_.message, http::Method::Get, answer.head);
      if (!size) co_return false;
      if (*size == 0) {
        buffer_.compact();
        if (buffer_.space().empty()) co_return false;
        const auto [error, count] = co_await stream.read_more(buffer_.space());
        if (error) co_return false;
        buffer_.commit(count);
        continue;
      }
      answer.head_text = buffer_.content().substr(0, *size);
      buffer_.consume(*size);
      if (http::is_interim(answer.head.head.status)) {
        if (answer.head.head.status == 101 || ++interim > limits_.interim_answers) co_return false;
        continue;
      }
      // Once more, so that the fields view what is kept.
      const auto again =
          http1::parse_response(answer.head_text, limits_.message, http::Method::Get, answer.head);
      common::expects(again && *again == *size, "the same octets are the same head");
      co_return true;
    }
  }

  net::Awaitable<bool> read_content(net::Stream& stream, KeptAnswer& answer) {
    ContentReader reader{answer.head.body, limits_.message};
    while (!reader.ended()) {
      if (buffer_.empty()) {
        const auto [error, count] = co_await stream.read_more(buffer_.space());
        if (error == net::asio::error::eof && reader.on_close()) break;
        if (error) co_return false;
        buffer_.commit(count);
      }
      if (!reader.take(buffer_.content())) co_return false;
      answer.content.append(reader.content());
      buffer_.consume(reader.consumed());
      if (answer.content.size() > question_.most_content) co_return false;
    }
    whole_ = true;
    co_return true;
  }

  ClientConnection& client_;
  const filters::Subrequest& question_;
  const Limits& limits_;
  net::Buffer buffer_;
  bool whole_{false};
};

}  // namespace

/// Asks whether the request may pass. However long the endpoints take, one limit holds for all.
net::Awaitable<filters::Next> Exchange::ask_permission() {
  const auto& question = passage_->subrequest();
  auto& upstream = *site_->upstreams[question.upstream];
  const auto deadline = Clock::now() + question.timeout;
  balancing::EndpointSet tried;
  KeptAnswer kept;
  bool answered = false;
  for (int asked = 0; asked < kMostAsked && !answered; ++asked) {
    const auto now = Clock::now();
    if (now >= deadline) break;
    auto acquired = upstream.try_acquire({}, tried, now);
    if (!acquired.lease) break;
    auto& endpoint = *acquired.lease;
    tried.add(endpoint.index);
    const bool passes_client = upstream.options().proxy_protocol != proxy_protocol::Version::None;
    std::unique_ptr<upstream::Connection> connection;
    if (upstream.options().http2.enabled)
      connection = share(upstream, endpoint);
    else if (!passes_client)
      connection = upstream.take_idle(endpoint, now, upstream.options().idle_timeout);
    boost::system::error_code error;
    client_.watchdog.expect(Wait::FirstByte, deadline);
    if (!connection) {
      connection = std::make_unique<upstream::Connection>(
          worker_.executor, worker_.counters->active_upstream_connections);
      client_.watchdog.watch(&connection->stream);
      std::tie(error) =
          co_await connection->stream.socket().async_connect(endpoint.address, net::kToken);
      if (!error) {
        connection->stream.send_at_once();
        worker_.counters->upstream_connections.add();
        endpoint.counters->connections.add();
        if (upstream.options().tls) error = co_await secure(*connection, upstream, endpoint);
      }
    }
    client_.watchdog.watch(&connection->stream);
    if (!error) error = co_await until_ready(*connection);
    kept = {};
    Question exchange{client_, question, site_->options.limits};
    std::string preface;
    if (passes_client && !upstream.options().tls) preface = proxy_header(upstream);
    if (!error) answered = co_await exchange.ask(connection->stream, preface, kept);
    client_.watchdog.watch(static_cast<net::Stream*>(nullptr));
    const auto ended = Clock::now();
    const auto trouble = error ? Trouble::NotConnected : Trouble::ConnectionDied;
    upstream.report(endpoint,
                    answered ? health::verdict_of(kept.head.head.status) : verdict_of(trouble),
                    ended - now, ended);
    endpoint.counters->add(
        !answered ? (error ? telemetry::Outcome::NotConnected : telemetry::Outcome::ConnectionDied)
        : http::is_server_error(kept.head.head.status) ? telemetry::Outcome::ServerError
                                                       : telemetry::Outcome::Answered);
    if (answered && exchange.reusable(kept) && !passes_client)
      upstream.keep(endpoint, std::move(connection), ended);
  }
  read_head_again();
  if (!answered) co_return passage_->on_subanswer(nullptr, filter_request());
  const filters::Subanswer answer{kept.head.head, kept.content};
  co_return passage_->on_subanswer(&answer, filter_request());
}

}  // namespace lb::proxy

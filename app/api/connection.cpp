#include "app/api/connection.hpp"

#include "app/api/link.hpp"
#include "app/auth/token.hpp"
#include "common/log.hpp"
#include "common/time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <tuple>

namespace booking::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Parser = http::request_parser<http::string_body>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr common::Log kLog{"booking.api"};
/// After a refusal we read on this long and this much, or the client's own octets under way would
/// reset the connection before it has read why.
constexpr std::chrono::milliseconds kLingerTime{1000};
constexpr std::size_t kLingerReads = 64;
constexpr std::chrono::seconds kRetryUpload{2};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

common::IpAddress ip_of(const asio::ip::address& address) {
  if (address.is_v4()) return common::IpAddress::v4(address.to_v4().to_uint());
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped())
    return common::IpAddress::v4(asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_uint());
  return common::IpAddress::v6(v6.to_bytes());
}

/// Splits a target into path and query. The absolute form loses its authority (RFC 9112 §3.2.2).
bool read_target(std::string_view target, Request& request) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (target.size() > scheme.size() && iequals(target.substr(0, scheme.size()), scheme)) {
      const auto path = target.find_first_of("/?", scheme.size());
      target = path == std::string_view::npos ? "/" : target.substr(path);
    }
  if (!target.starts_with('/')) return false;
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  return true;
}

/// What a request lacks to be taken, judged by its head alone.
std::optional<Problem> head_fault(const Request& request, unsigned version) {
  const auto hosts = request.count("Host");
  if (hosts > 1 || (version >= 11 && hosts == 0))
    return Problem{400, "invalid_host", "exactly one Host field is needed", {}, {}};
  if (const auto codings = request.count("Transfer-Encoding"); codings > 0) {
    if (version < 11 || codings > 1 || request.count("Content-Length") > 0)
      return Problem{400, "invalid_framing", "the message's length is not clear", {}, {}};
    if (!iequals(request.field("Transfer-Encoding"), "chunked"))
      return Problem{501, "unknown_coding", "only the chunked coding is understood", {}, {}};
  }
  const auto expectation = request.field("Expect");
  if (!expectation.empty() && !iequals(expectation, "100-continue"))
    return Problem{400, "unknown_expectation", "only 100-continue is understood", {}, {}};
  return std::nullopt;
}

/// The answer to octets that are no request; nothing when the client merely went away.
std::optional<Problem> read_fault(const beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Problem{431, "head_too_large", "the request's head is too large", {}, {}};
  if (error == http::error::body_limit)
    return Problem{413, "body_too_large", "the request's body is too large", {}, {}};
  if (error.category() == beast::error_code{http::error::bad_method}.category() &&
      error != http::error::end_of_stream && error != http::error::partial_message)
    return Problem{400, "malformed_request", "this is not an HTTP/1.1 request", {}, {}};
  return std::nullopt;
}

void add_security_fields(Response& response) {
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(response.fields,
                               [&](const auto& field) { return iequals(field.first, name); });
  };
  if (!has("Cache-Control")) response.set("Cache-Control", "no-store");
  if (!has("Content-Security-Policy"))
    response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("X-Frame-Options", "DENY");
  // Not no-referrer: a browser would then send `Origin: null` with our own forms.
  response.set("Referrer-Policy", "same-origin");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
}

}  // namespace

struct Connection::Impl {
  Impl(std::shared_ptr<const ConnectionContext> shared, tcp::socket socket)
      : context{std::move(shared)},
        limits{context->options.limits},
        stream{std::move(socket),
               context->tls == nullptr ? nullptr : context->tls->context().get()},
        buffer{static_cast<std::size_t>(limits.head.value + limits.body.value)} {
    beast::error_code error;
    stream.socket().set_option(tcp::no_delay{true}, error);
    if (const auto end = stream.socket().remote_endpoint(error); !error)
      peer = ip_of(end.address());
  }

  asio::awaitable<bool> shake_hands();
  asio::awaitable<bool> exchange();
  asio::awaitable<bool> wait_for_request();
  asio::awaitable<beast::error_code> read_body(Parser& parser, bool expects_continue);
  asio::awaitable<Response> answer(const Request& request, const RouteTable::Match& match);
  asio::awaitable<bool> send(const Request& request, Response response, unsigned version,
                             bool keep);
  asio::awaitable<void> refuse(const Request& request, const Problem& problem);
  asio::awaitable<void> give_up(const Request& request, beast::error_code error);
  asio::awaitable<void> linger();
  Request take_head(const Parser& parser, bool& target_ok) const;
  void read_forwarding(Request& request) const;

  std::shared_ptr<const ConnectionContext> context;
  const HttpLimits& limits;
  Link stream;
  beast::flat_buffer buffer;
  common::IpAddress peer;
  bool busy{false};       // a request is under way
  bool finishing{false};  // the next answer is the last
};

Connection::Connection(std::shared_ptr<const ConnectionContext> context, tcp::socket socket)
    : impl_{std::make_unique<Impl>(std::move(context), std::move(socket))} {}

Connection::~Connection() = default;

asio::awaitable<void> Connection::run() {
  bool more = co_await impl_->shake_hands();
  while (more) more = co_await impl_->exchange();  // in the condition GCC 12 miscompiles it
}

void Connection::finish() {
  impl_->finishing = true;
  if (!impl_->busy) cut();
}

void Connection::cut() { impl_->stream.close(); }

/// TLS, if this listener speaks it; false when there is nobody to talk to.
asio::awaitable<bool> Connection::Impl::shake_hands() {
  if (stream.tls() == nullptr) co_return true;
  busy = true;
  stream.expires_after(limits.head_timeout);
  const auto error = co_await stream.shake_hands();
  if (error) {
    context->metrics.on_refused("tls_handshake");
    kLog.debug("no handshake", {{"client", peer.to_string()}, {"reason", error.message()}});
    co_return false;
  }
  if (!context->tls->admits(*stream.tls())) {
    context->metrics.on_refused("tls_client_name");
    co_return false;
  }
  co_return !finishing;
}

/// One request and its answer; false when the connection is over.
asio::awaitable<bool> Connection::Impl::exchange() {
  busy = false;
  const bool waiting = co_await wait_for_request();
  if (!waiting) co_return false;
  busy = true;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.head.value));
  parser.body_limit(limits.upload.value);  // how much this route takes is known after the head
  stream.expires_after(limits.head_timeout);
  const auto [head_error, head_count] =
      co_await http::async_read_header(stream, buffer, parser, kToken);
  bool target_ok = true;
  auto request = take_head(parser, target_ok);
  if (head_error) {
    co_await give_up(request, head_error);
    co_return false;
  }
  const auto version = parser.get().version();
  auto fault = head_fault(request, version);
  if (!target_ok)
    fault = Problem{400, "invalid_target", "the request target is not a path", {}, {}};
  if (fault) {
    co_await refuse(request, *fault);
    co_return false;
  }
  const auto match = context->routes.find(request.method, request.path);
  const auto content = parser.content_length();
  const bool large = parser.chunked() || (content && *content > limits.body.value);
  std::optional<UploadPlace> place;
  if (large && match.upload) {
    place = context->uploads.take(limits.uploads);
    if (!place) fault = Problem{503, "overloaded", "too many photos at once", {}, kRetryUpload};
  } else if (content && *content > limits.body.value) {
    fault = Problem{413, "body_too_large", "the request's body is too large", {}, {}};
  } else {
    parser.body_limit(limits.body.value);
  }
  if (fault) {
    co_await refuse(request, *fault);
    co_return false;
  }
  stream.expires_after(place ? limits.upload_timeout : limits.body_timeout);
  const auto body_error = co_await read_body(parser, !request.field("Expect").empty());
  if (body_error) {
    co_await give_up(request, body_error);
    co_return false;
  }
  const bool keep = parser.get().keep_alive();
  request.body = std::move(parser.get().body());

  const auto begun = common::Clock::now();
  request.parameter = match.parameter;
  auto response = co_await answer(request, match);
  const auto status = response.status;
  const bool sent = co_await send(request, std::move(response), version, keep && !finishing);
  const std::chrono::duration<double> took = common::Clock::now() - begun;
  context->metrics.on_exchange(match.pattern, request.method, status, took);
  kLog.debug("exchange", {{"request_id", request.id},
                          {"method", request.method},
                          {"route", match.pattern},
                          {"status", status},
                          {"seconds", took.count()}});
  if (sent && !(keep && !finishing)) co_await linger();
  co_return sent&& keep && !finishing;
}

/// Waits for the first octet of a request under the idle limit, which is not the head's.
asio::awaitable<bool> Connection::Impl::wait_for_request() {
  if (buffer.size() > 0) co_return true;  // pipelined
  stream.expires_after(limits.idle_timeout);
  constexpr std::size_t kFirstRead = 4096;
  const auto [error, count] = co_await stream.async_read_some(buffer.prepare(kFirstRead), kToken);
  if (error) co_return false;
  buffer.commit(count);
  co_return true;
}

asio::awaitable<beast::error_code> Connection::Impl::read_body(Parser& parser,
                                                               bool expects_continue) {
  if (expects_continue && !parser.is_done() && buffer.size() == 0) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, count] = co_await asio::async_write(
        stream, asio::buffer(kContinue.data(), kContinue.size()), kToken);
    if (error) co_return error;
  }
  const auto [error, count] = co_await http::async_read(stream, buffer, parser, kToken);
  co_return error;
}

asio::awaitable<Response> Connection::Impl::answer(const Request& request,
                                                   const RouteTable::Match& match) {
  if (match.handler == nullptr) {
    if (match.allow.empty())
      co_return context->refuse(request,
                                {404, "no_such_resource", "there is nothing here", {}, {}});
    auto response = context->refuse(
        request, {405, "method_not_allowed", "this resource knows other methods", {}, {}});
    response.set("Allow", match.allow);
    co_return response;
  }
  std::string what;
  try {
    co_return co_await (*match.handler)(request);
  } catch (const std::exception& error) {
    what = error.what();
  }
  kLog.error("a handler failed",
             {{"request_id", request.id}, {"route", match.pattern}, {"reason", what}});
  co_return context->refuse(request, {500, "internal", "something went wrong on our side", {}, {}});
}

asio::awaitable<bool> Connection::Impl::send(const Request& request, Response answer,
                                             unsigned version, bool keep) {
  add_security_fields(answer);
  http::response<http::string_body> response{http::int_to_status(answer.status), version};
  for (const auto& [name, value] : answer.fields) response.insert(name, value);
  response.set("X-Request-ID", request.id);
  response.keep_alive(keep);
  response.body() = std::move(answer.body);
  if (answer.status == 304)
    response.body().clear();
  else
    response.prepare_payload();
  stream.expires_after(limits.write_timeout);
  http::response_serializer<http::string_body> serializer{response};
  beast::error_code error;
  if (request.method == "HEAD")
    std::tie(error, std::ignore) = co_await http::async_write_header(stream, serializer, kToken);
  else
    std::tie(error, std::ignore) = co_await http::async_write(stream, serializer, kToken);
  co_return !error;
}

/// A request that did not come whole. Who was too slow finds the connection closed: nobody waits
/// for an answer at a pace like that.
asio::awaitable<void> Connection::Impl::give_up(const Request& request, beast::error_code error) {
  if (error == beast::error::timeout) context->metrics.on_refused("too_slow");
  if (const auto problem = read_fault(error)) co_await refuse(request, *problem);
}

/// Answers what cannot be taken, and closes in a way that lets the client read the answer.
asio::awaitable<void> Connection::Impl::refuse(const Request& request, const Problem& problem) {
  context->metrics.on_refused(problem.code);
  auto response = context->refuse(request, problem);
  if (co_await send(request, std::move(response), 11, false)) co_await linger();
}

asio::awaitable<void> Connection::Impl::linger() {
  stream.expires_after(kLingerTime);
  const auto error = co_await stream.finish_sending();
  if (error) co_return;
  std::array<char, 4096> discarded{};
  for (std::size_t i = 0; i < kLingerReads; ++i) {
    const auto [read_error, count] =
        co_await stream.below().async_read_some(asio::buffer(discarded), kToken);
    if (read_error) co_return;
  }
}

Request Connection::Impl::take_head(const Parser& parser, bool& target_ok) const {
  const auto& head = parser.get();
  Request request;
  request.method = view(head.method_string());
  for (const auto& field : head)
    request.fields.emplace_back(view(field.name_string()), view(field.value()));
  target_ok = read_target(view(head.target()), request);
  request.client = peer;
  request.secure = context->tls != nullptr;
  read_forwarding(request);
  const auto id = request.field("X-Request-ID");
  request.id = is_request_id(id) ? std::string{id} : auth::to_text(auth::random_token());
  return request;
}

/// Believes a load balancer's word on who the client is. The last entry is its own; those before it
/// are what the client claims.
void Connection::Impl::read_forwarding(Request& request) const {
  const auto& trusted = context->options.trusted_proxies;
  if (std::ranges::none_of(trusted, [&](const auto& net) { return net.contains(peer); })) return;
  std::string_view chain;
  for (const auto& [name, value] : request.fields)
    if (iequals(name, "X-Forwarded-For")) chain = value;
  const auto comma = chain.find_last_of(", ");
  if (comma != std::string_view::npos) chain.remove_prefix(comma + 1);
  if (const auto client = common::IpAddress::parse(chain)) request.client = *client;
  request.secure = iequals(request.field("X-Forwarded-Proto"), "https");
}

}  // namespace booking::api

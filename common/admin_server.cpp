#include "common/admin_server.hpp"

#include "common/admin_link.hpp"
#include "common/admin_listener.hpp"
#include "common/admin_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace common {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Socket = AdminLink::Socket;
using Parser = http::request_parser<http::string_body>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
/// A listener out of descriptors tries again after this, instead of turning in place.
constexpr auto kAcceptPause = std::chrono::milliseconds{100};
/// After a refusal what is still sent is read this long, so that a reset does not overtake it.
constexpr auto kLinger = std::chrono::seconds{1};

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

template <class Fields>
std::vector<std::string> values_of(const Fields& fields, http::field name) {
  std::vector<std::string> values;
  const auto [begin, end] = fields.equal_range(name);
  for (auto it = begin; it != end; ++it) values.push_back(text_of(it->value()));
  return values;
}

template <class Fields, class Name>
std::optional<std::string> value_of(const Fields& fields, Name name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  return text_of(found->value());
}

bool is_reading(std::string_view method) { return method == "GET" || method == "HEAD"; }

AdminCredentials credentials_of(const Parser& parser, bool through_socket,
                                std::optional<unsigned> uid) {
  const auto& request = parser.get();
  return {.changes = !is_reading(text_of(request.method_string())),
          .through_socket = through_socket,
          .uid = uid,
          .hosts = values_of(request, http::field::host),
          .origin = value_of(request, http::field::origin),
          .fetch_site = value_of(request, "Sec-Fetch-Site"),
          .authorizations = values_of(request, http::field::authorization),
          .content_type = value_of(request, http::field::content_type),
          .has_content = !request.body().empty()};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

AdminAnswer nowhere(const AdminRoutes& routes, const AdminRoutes::Found& found,
                    std::string_view target) {
  const bool for_programs = target.starts_with("/api/");
  AdminAnswer answer;
  if (found.allow.empty()) {
    answer =
        for_programs
            ? admin_problem(404, "no_such_resource", "There is nothing under this path.")
            : AdminAnswer{.status = 404, .body = "no such page; there are:\n" + routes.pages()};
  } else {
    answer = for_programs ? admin_problem(405, "wrong_method", "Here is only " + found.allow + '.')
                          : AdminAnswer{.status = 405, .body = "only GET and HEAD\n"};
    answer.fields.emplace_back("Allow", found.allow);
  }
  return answer;
}

}  // namespace

struct AdminServer::Impl : std::enable_shared_from_this<AdminServer::Impl> {
  explicit Impl(asio::io_context& io) : context{io}, streams{io} {}

  AdminListener& add_listener() {
    return *listeners.emplace_back(std::make_unique<AdminListener>(context));
  }
  void start(AdminListener& listener) {
    asio::co_spawn(context, accept(shared_from_this(), listener), asio::detached);
  }

  static asio::awaitable<void> accept(std::shared_ptr<Impl> self, AdminListener& listener);
  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, Socket socket,
                                     AdminListener& listener);
  asio::awaitable<bool> exchange(AdminLink& stream, beast::flat_buffer& buffer, bool is_local);
  asio::awaitable<bool> write(AdminLink& stream, const Parser& parser, AdminAnswer said,
                              bool closes);
  AdminAnswer answer(const AdminRoutes::Found& found, const Parser& parser, bool is_local,
                     const AdminPeer& peer) const;

  asio::io_context& context;
  std::vector<std::unique_ptr<AdminListener>> listeners;  // closed ones stay: accept() holds them
  AdminRoutes routes;
  AdminGuard guard;
  AdminStreams streams;
  bool stopped{false};
};

asio::awaitable<void> AdminServer::Impl::accept(std::shared_ptr<Impl> self,
                                                AdminListener& listener) {
  auto& acceptor = listener.acceptor;
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (error) {
      asio::steady_timer pause{self->context, kAcceptPause};
      co_await pause.async_wait(kToken);
      continue;
    }
    if (listener.connections >= kMostConnections) continue;  // closed as the socket goes
    asio::co_spawn(self->context, serve(self, std::move(socket), listener), asio::detached);
  }
}

asio::awaitable<void> AdminServer::Impl::serve(std::shared_ptr<Impl> self, Socket socket,
                                               AdminListener& listener) {
  auto layer = listener.layer ? listener.layer(socket.native_handle()) : nullptr;
  if (listener.layer && !layer) co_return;
  ++listener.connections;
  AdminLink stream{std::move(socket), std::move(layer)};
  const bool is_local = listener.address.is_unix();
  beast::flat_buffer buffer{kLargestRequest};
  stream.expires_after(kIdleLimit);
  const auto [failed, none] = co_await stream.async_shake_hands(kToken);
  bool open = !failed;
  while (open && !self->stopped) open = co_await self->exchange(stream, buffer, is_local);
  if (!failed) stream.finish_sending();
  --listener.connections;
}

/// One request and its answer; false when the connection is done with.
asio::awaitable<bool> AdminServer::Impl::exchange(AdminLink& stream, beast::flat_buffer& buffer,
                                                  bool is_local) {
  stream.expires_after(kIdleLimit);
  Parser parser;
  parser.header_limit(kLargestRequest);
  parser.body_limit(kLargestContent);
  auto [error, count] = co_await http::async_read_header(stream, buffer, parser, kToken);
  const auto& request = parser.get();
  if (!error && !parser.is_done()) {
    if (beast::iequals(request[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on{http::status::continue_, request.version()};
      co_await http::async_write(stream, go_on, kToken);
    }
    std::tie(error, count) = co_await http::async_read(stream, buffer, parser, kToken);
  }
  if (error == http::error::body_limit) {
    auto said = admin_problem(413, "too_large", "At most 64 KiB of content are taken.");
    co_await write(stream, parser, std::move(said), true);
    stream.finish_sending();
    stream.expires_after(kLinger);
    buffer.consume(buffer.size());
    for (std::size_t read = 1; read > 0;) {
      std::tie(error, read) = co_await stream.async_read_some(buffer.prepare(1024), kToken);
      if (error) co_return false;
    }
  }
  if (error) co_return false;
  auto peer = admin_peer(stream.socket());
  if (const auto proved = stream.proved_peer(); !proved.empty()) peer.name += ' ' + proved;
  const auto target = text_of(request.target());
  const auto found = routes.find(text_of(request.method_string()), path_of(target));
  auto said = answer(found, parser, is_local, peer);
  const bool is_stream = found.route != nullptr && found.route->source && said.status == 200;
  if (!is_stream) co_return co_await write(stream, parser, std::move(said), !request.keep_alive());
  const auto place = streams.take_place(*found.route);
  if (!place) {
    said = admin_problem(503, "too_many_streams", "Too many are watching already.");
    co_return co_await write(stream, parser, std::move(said), true);
  }
  co_await write(stream, parser, std::move(said), true);
  if (request.method() == http::verb::get) co_await streams.feed(stream, place);
  co_return false;
}

/// True when another request may follow.
asio::awaitable<bool> AdminServer::Impl::write(AdminLink& stream, const Parser& parser,
                                               AdminAnswer said, bool closes) {
  const auto& request = parser.get();
  const bool is_stream = said.content_type == AdminStreams::kContentType;
  http::response<http::string_body> response{http::int_to_status(said.status), request.version()};
  response.set(http::field::content_type, said.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : said.fields) response.set(name, value);
  response.keep_alive(!closes);
  response.body() = std::move(said.body);
  if (!is_stream) response.prepare_payload();
  const bool headless = is_stream || request.method() == http::verb::head;
  http::response_serializer<http::string_body> serializer{response};
  serializer.split(headless);
  beast::error_code error;
  stream.expires_after(kIdleLimit);
  if (headless)
    std::tie(error, std::ignore) = co_await http::async_write_header(stream, serializer, kToken);
  else
    std::tie(error, std::ignore) = co_await http::async_write(stream, serializer, kToken);
  co_return !error && !closes;
}

AdminAnswer AdminServer::Impl::answer(const AdminRoutes::Found& found, const Parser& parser,
                                      bool is_local, const AdminPeer& peer) const {
  const auto& request = parser.get();
  const auto target = text_of(request.target());
  if (request.count(http::field::transfer_encoding) > 0 &&
      request.count(http::field::content_length) > 0)
    return admin_problem(400, "conflicting_framing", "Two lengths (RFC 9112 section 6.3).");
  if (found.route == nullptr) return nowhere(routes, found, target);
  if (found.route->guarded)
    if (auto refused = refuse(guard, credentials_of(parser, is_local, peer.uid)))
      return std::move(*refused);
  if (found.route->source) return {.content_type = std::string{AdminStreams::kContentType}};
  const auto query = target.find('?');
  return found.route->handler({.method = text_of(request.method_string()),
                               .parameters = found.parameters,
                               .query = query == target.npos ? "" : target.substr(query + 1),
                               .body = request.body(),
                               .peer = peer.name});
}

AdminServer::AdminServer(asio::io_context& context) : impl_{std::make_shared<Impl>(context)} {}

AdminServer::~AdminServer() { stop(); }

void AdminServer::route(std::string path, Handler handler) {
  impl_->routes.add(
      {.method = "GET",
       .segments = AdminRoutes::split(path),
       .guarded = false,
       .handler = [handler = std::move(handler)](const AdminRequest&) { return handler(); }});
}

void AdminServer::route(std::string method, std::string_view pattern,
                        AdminRoutes::Handler handler) {
  impl_->routes.add({.method = std::move(method),
                     .segments = AdminRoutes::split(pattern),
                     .handler = std::move(handler)});
}

void AdminServer::stream(std::string_view pattern, std::chrono::milliseconds interval,
                         AdminRoutes::Source source) {
  impl_->routes.add({.method = "GET",
                     .segments = AdminRoutes::split(pattern),
                     .handler = {},
                     .source = std::move(source),
                     .interval = interval});
}

void AdminServer::watch(std::string_view pattern, std::chrono::milliseconds interval,
                        AdminRoutes::Source source) {
  impl_->routes.add({.method = "GET",
                     .segments = AdminRoutes::split(pattern),
                     .guarded = false,
                     .handler = {},
                     .source = std::move(source),
                     .interval = interval,
                     .only_changes = true});
}

void AdminServer::refresh() { impl_->streams.refresh(); }

void AdminServer::guard(AdminGuard guard) { impl_->guard = std::move(guard); }

Result<SocketAddress> AdminServer::listen(const SocketAddress& address) {
  const auto listening = listen(AdminAddress{address, {}});
  if (!listening) return listening.error();
  return listening->tcp;
}

Result<AdminAddress> AdminServer::listen(const AdminAddress& address, AdminLayerMaker layer) {
  auto& listener = impl_->add_listener();
  listener.layer = std::move(layer);
  if (const auto error = listener.open(address, static_cast<int>(kMostConnections))) return error;
  impl_->start(listener);
  return listener.address;
}

Result<AdminAddress> AdminServer::adopt(int descriptor, bool ours, AdminLayerMaker layer) {
  auto& listener = impl_->add_listener();
  listener.layer = std::move(layer);
  if (const auto error = listener.adopt(descriptor, ours)) return error;
  impl_->start(listener);
  return listener.address;
}

std::vector<int> AdminServer::descriptors() const {
  std::vector<int> out;
  for (const auto& listener : impl_->listeners)
    if (listener->acceptor.is_open()) out.push_back(listener->acceptor.native_handle());
  return out;
}

void AdminServer::stop(bool hand_over) {
  impl_->stopped = true;
  for (const auto& listener : impl_->listeners) listener->close(!hand_over);
  impl_->streams.stop();
}

}  // namespace common

#include "common/admin_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <tuple>
#include <utility>

namespace common {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
/// A listener out of descriptors tries again after this, instead of turning in place.
constexpr auto kAcceptPause = std::chrono::milliseconds{100};

}  // namespace

struct AdminServer::Impl : std::enable_shared_from_this<AdminServer::Impl> {
  explicit Impl(asio::io_context& io) : context{io}, acceptor{io} {}

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(tcp::socket socket);
  AdminAnswer answer(const http::request<http::empty_body>& request) const;

  asio::io_context& context;
  tcp::acceptor acceptor;
  std::map<std::string, Handler, std::less<>> routes;
  std::size_t connections{0};
};

asio::awaitable<void> AdminServer::Impl::accept() {
  const auto self = shared_from_this();
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (error) {
      asio::steady_timer pause{context, kAcceptPause};
      co_await pause.async_wait(kToken);
      continue;
    }
    if (connections >= kMostConnections) continue;  // closed as the socket goes
    asio::co_spawn(context, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> AdminServer::Impl::serve(tcp::socket socket) {
  const auto self = shared_from_this();
  ++connections;
  beast::tcp_stream stream{std::move(socket)};
  beast::flat_buffer buffer{kLargestRequest};
  bool open = true;
  while (open && acceptor.is_open()) {
    stream.expires_after(kIdleLimit);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kLargestRequest);
    const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, kToken);
    if (read_error) break;
    const auto& request = parser.get();
    auto said = answer(request);
    http::response<http::string_body> response{http::int_to_status(said.status), request.version()};
    if (said.status == 405) response.set(http::field::allow, "GET, HEAD");
    response.set(http::field::content_type, said.content_type);
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(request.keep_alive());
    response.body() = std::move(said.body);
    response.prepare_payload();
    const auto headless = request.method() == http::verb::head;
    http::response_serializer<http::string_body> serializer{response};
    serializer.split(headless);
    beast::error_code write_error;
    if (headless)
      std::tie(write_error, std::ignore) =
          co_await http::async_write_header(stream, serializer, kToken);
    else
      std::tie(write_error, std::ignore) = co_await http::async_write(stream, serializer, kToken);
    open = !write_error && request.keep_alive();
  }
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  --connections;
}

AdminAnswer AdminServer::Impl::answer(const http::request<http::empty_body>& request) const {
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    return {.status = 405, .body = "only GET and HEAD\n"};
  const std::string_view target{request.target().data(), request.target().size()};
  const auto route = routes.find(target.substr(0, target.find('?')));
  if (route == routes.end()) {
    std::string paths = "no such page; there are:\n";
    for (const auto& [path, handler] : routes) paths += path + '\n';
    return {.status = 404, .body = std::move(paths)};
  }
  return route->second();
}

AdminServer::AdminServer(asio::io_context& context) : impl_{std::make_shared<Impl>(context)} {}

AdminServer::~AdminServer() { stop(); }

void AdminServer::route(std::string path, Handler handler) {
  impl_->routes.insert_or_assign(std::move(path), std::move(handler));
}

Result<SocketAddress> AdminServer::listen(const SocketAddress& address) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.ip.to_string());
  const tcp::endpoint endpoint{ip, address.port};
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(static_cast<int>(kMostConnections), error);
  if (error) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    return error;
  }
  asio::co_spawn(impl_->context, impl_->accept(), asio::detached);
  return SocketAddress{address.ip, acceptor.local_endpoint().port()};
}

void AdminServer::stop() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
}

}  // namespace common

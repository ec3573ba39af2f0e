#include "common/admin_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>

#include <optional>
#include <vector>

namespace common {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol>;
using Answer = Result<AdminReply, std::string>;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

struct Place {
  std::vector<Protocol::endpoint> endpoints;
  std::string host;  // for Host
  std::string error;
};

Place find_place(asio::io_context& context, const std::string& address, std::uint16_t fallback) {
  if (address.starts_with("unix:"))
    return {{asio::local::stream_protocol::endpoint{address.substr(5)}}, "localhost", {}};
  auto authority = address.substr(address.find("://") + 3);
  authority = authority.substr(0, authority.find('/'));
  std::string host = authority;
  auto port = std::to_string(fallback);
  const auto colon = authority.rfind(':');
  if (colon != authority.npos && authority.find(']', colon) == authority.npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  asio::ip::tcp::resolver resolver{context};
  Place place{{}, authority, {}};
  for (const auto& found : resolver.resolve(host, port, error))
    place.endpoints.emplace_back(found.endpoint());
  if (error) place.error = address + ": " + error.message();
  return place;
}

asio::awaitable<void> exchange(Place place, http::request<http::string_body> request,
                               std::optional<Answer>& out) {
  const auto executor = co_await asio::this_coro::executor;
  boost::system::error_code error = asio::error::host_not_found;
  Socket socket{executor};
  for (const auto& endpoint : place.endpoints) {
    socket = Socket{executor};
    std::tie(error) = co_await socket.async_connect(endpoint, kToken);
    if (!error) break;
  }
  std::size_t count = 0;
  if (!error) std::tie(error, count) = co_await http::async_write(socket, request, kToken);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(AdminClient::kLargestAnswer);
  if (!error) std::tie(error, count) = co_await http::async_read(socket, buffer, parser, kToken);
  if (error) {
    out = Answer{error.message()};
    co_return;
  }
  AdminReply reply;
  reply.status = parser.get().result_int();
  reply.text = std::move(parser.get().body());
  boost::system::error_code no_json;
  reply.json = boost::json::parse(reply.text, no_json);
  out = Answer{std::move(reply)};
}

}  // namespace

Answer AdminClient::ask(std::string_view method, const std::string& path,
                        const std::string& content) const {
  asio::io_context context;
  auto place = find_place(context, address_, program_.port);
  if (!place.error.empty()) return place.error;
  http::request<http::string_body> request;
  request.method_string({method.data(), method.size()});
  request.target(path);
  request.set(http::field::host, place.host);
  request.set(http::field::user_agent, program_.name);
  request.keep_alive(false);
  if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
  if (!content.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = content;
  }
  request.prepare_payload();
  std::optional<Answer> out;
  asio::co_spawn(context, exchange(std::move(place), std::move(request), out), asio::detached);
  context.run_for(limit_);
  if (!out) return address_ + ": no answer";
  if (!*out) return address_ + ": " + out->error();
  return std::move(**out);
}

}  // namespace common

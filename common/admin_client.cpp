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
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>

#include <optional>
#include <vector>

namespace common {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
namespace http = boost::beast::http;
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol>;
using Answer = Result<AdminReply, std::string>;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

struct Place {
  std::vector<Protocol::endpoint> endpoints;
  std::string authority;  // for Host
  std::string host;       // whom its certificate must be for
  std::string error;
};

Place find_place(asio::io_context& context, const std::string& address, std::uint16_t fallback) {
  if (address.starts_with("unix:"))
    return {{asio::local::stream_protocol::endpoint{address.substr(5)}}, "localhost", {}, {}};
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
  Place place{{}, authority, host, {}};
  for (const auto& found : resolver.resolve(host, port, error))
    place.endpoints.emplace_back(found.endpoint());
  if (error) place.error = address + ": " + error.message();
  return place;
}

/// Over a connection as it is.
template <class Stream>
asio::awaitable<boost::system::error_code> converse(
    Stream& stream, const http::request<http::string_body>& request,
    http::response_parser<http::string_body>& parser) {
  auto [error, count] = co_await http::async_write(stream, request, kToken);
  boost::beast::flat_buffer buffer;
  if (!error) std::tie(error, count) = co_await http::async_read(stream, buffer, parser, kToken);
  co_return error;
}

/// The same in TLS, with somebody who has proved to be `host`.
asio::awaitable<boost::system::error_code> converse_in_private(
    Socket socket, ssl::context& context, const std::string& host,
    const http::request<http::string_body>& request,
    http::response_parser<http::string_body>& parser) {
  ssl::stream<Socket> stream{std::move(socket), context};
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address)  // RFC 6066 §3: names only; the macro for it casts in the old style
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  stream.set_verify_mode(ssl::verify_peer);
  stream.set_verify_callback(ssl::host_name_verification{host});
  auto [error] = co_await stream.async_handshake(ssl::stream_base::client, kToken);
  if (!error) error = co_await converse(stream, request, parser);
  co_return error;
}

/// For whom to believe; says what is wrong with a file, or nothing.
std::string prepare(ssl::context& context, const AdminTrust& trust) {
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (trust.ca_file.empty())
    context.set_default_verify_paths(error);
  else
    context.load_verify_file(trust.ca_file, error);
  if (error) return trust.ca_file + ": " + error.message();
  if (trust.certificate_file.empty()) return {};
  context.use_certificate_chain_file(trust.certificate_file, error);
  if (error) return trust.certificate_file + ": " + error.message();
  context.use_private_key_file(trust.key_file, ssl::context::pem, error);
  if (error) return trust.key_file + ": " + error.message();
  return {};
}

/// `context`: null without TLS.
asio::awaitable<void> exchange(Place place, ssl::context* context,
                               http::request<http::string_body> request,
                               std::optional<Answer>& out) {
  const auto executor = co_await asio::this_coro::executor;
  boost::system::error_code error = asio::error::host_not_found;
  Socket socket{executor};
  for (const auto& endpoint : place.endpoints) {
    socket = Socket{executor};
    std::tie(error) = co_await socket.async_connect(endpoint, kToken);
    if (!error) break;
  }
  http::response_parser<http::string_body> parser;
  parser.body_limit(AdminClient::kLargestAnswer);
  if (!error && context != nullptr)
    error = co_await converse_in_private(std::move(socket), *context, place.host, request, parser);
  else if (!error)
    error = co_await converse(socket, request, parser);
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
  std::optional<ssl::context> tls;
  if (address_.starts_with("https://")) {
    tls.emplace(ssl::context::tls_client);
    if (const auto wrong = prepare(*tls, trust_); !wrong.empty()) return wrong;
  }
  http::request<http::string_body> request;
  request.method_string({method.data(), method.size()});
  request.target(path);
  request.set(http::field::host, place.authority);
  request.set(http::field::user_agent, program_.name);
  request.keep_alive(false);
  if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
  if (!content.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = content;
  }
  request.prepare_payload();
  std::optional<Answer> out;
  asio::co_spawn(context,
                 exchange(std::move(place), tls ? &*tls : nullptr, std::move(request), out),
                 asio::detached);
  context.run_for(limit_);
  if (!out) return address_ + ": no answer";
  if (!*out) return address_ + ": " + out->error();
  return std::move(**out);
}

}  // namespace common

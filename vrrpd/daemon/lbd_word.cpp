#include "vrrpd/daemon/lbd_word.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <fmt/format.h>
#include <memory>
#include <utility>

namespace vrrp::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr common::Log kLog{"vrrp.lbd"};
constexpr std::size_t kLargestHead = 4096;  // octets

asio::ip::tcp::endpoint to_endpoint(const common::SocketAddress& address) {
  if (address.ip.is_v4()) return {asio::ip::address_v4{address.ip.to_v4()}, address.port};
  return {asio::ip::address_v6{address.ip.octets()}, address.port};
}

}  // namespace

/// One connection, one request; kept alive by its own handlers.
struct LbdWord::Request : std::enable_shared_from_this<Request> {
  Request(asio::io_context& context, const handover::LbdOptions& lbd, std::chrono::seconds how_long,
          std::shared_ptr<LogLimit> failures)
      : limit{std::move(failures)}, stream{context} {
    message.method(http::verb::put);
    message.target("/api/v1/offer-close");
    message.version(11);
    message.set(http::field::host, lbd.address->to_string());
    message.set(http::field::user_agent, "vrrpd");
    message.set(http::field::connection, "close");
    message.set(http::field::content_type, "application/json");
    if (!lbd.token.empty()) message.set(http::field::authorization, "Bearer " + lbd.token);
    message.body() = fmt::format(R"({{"seconds": {}}})", how_long.count());
    message.prepare_payload();
  }

  void run(const common::SocketAddress& address) {
    stream.expires_after(kLimit);
    stream.async_connect(to_endpoint(address), [self = shared_from_this()](error_code error) {
      if (error) return self->failed(error.message());
      self->write();
    });
  }

  void write() {
    http::async_write(stream, message, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->failed(error.message());
      self->read();
    });
  }

  // The head is enough.
  void read() {
    http::async_read_header(stream, buffer, parser,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->failed(error.message());
                              const auto status = self->parser.get().result_int();
                              if (status != 200) self->failed("status " + std::to_string(status));
                            });
  }

  void failed(const std::string& reason) {
    if (!limit->admits(common::Clock::now())) return;
    kLog.warn("lbd does not tell its clients to go: those that stay are cut when the drain is over",
              {{"reason", reason}, {"not_logged", limit->suppressed()}});
  }

  std::shared_ptr<LogLimit> limit;
  beast::tcp_stream stream;
  http::request<http::string_body> message;
  beast::flat_static_buffer<kLargestHead> buffer;
  http::response_parser<http::empty_body> parser;
};

void LbdWord::begin(const void* holder) {
  holders_.insert(holder);
  say(std::chrono::ceil<std::chrono::seconds>(options_.drain));
}

void LbdWord::end(const void* holder) {
  if (holders_.erase(holder) > 0 && holders_.empty()) say(std::chrono::seconds{0});
}

void LbdWord::say(std::chrono::seconds how_long) {
  if (!options_.lbd.address) return;
  std::make_shared<Request>(context_, options_.lbd, how_long, failures_)
      ->run(*options_.lbd.address);
}

}  // namespace vrrp::daemon

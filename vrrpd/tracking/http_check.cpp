#include "vrrpd/tracking/http_check.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <memory>

namespace vrrp::tracking {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kLargestHead = 4096;  // octets; an answer with more is bad

asio::ip::tcp::endpoint to_endpoint(const common::SocketAddress& address) {
  const auto& octets = address.ip.octets();
  if (address.ip.is_v4()) return {asio::ip::address_v4{address.ip.to_v4()}, address.port};
  return {asio::ip::address_v6{octets}, address.port};
}

}  // namespace

/// One connection, one question; kept alive by its own handlers.
struct HttpCheck::Question : std::enable_shared_from_this<Question> {
  explicit Question(HttpCheck& owner) : check{owner}, stream{owner.context_} {
    request.method(http::verb::get);
    request.target(owner.options_.path);
    request.version(11);
    request.set(http::field::host, owner.options_.address.to_string());
    request.set(http::field::user_agent, "vrrpd");
    request.set(http::field::connection, "close");
  }

  void run() {
    stream.expires_after(check.options_.timeout);
    stream.async_connect(to_endpoint(check.options_.address),
                         [self = shared_from_this()](error_code error) {
                           if (error) return self->check.answered(false);
                           self->write();
                         });
  }

  void write() {
    http::async_write(stream, request, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->check.answered(false);
      self->read();
    });
  }

  // The head is enough: its status is the answer, whatever the body.
  void read() {
    http::async_read_header(
        stream, buffer, parser, [self = shared_from_this()](error_code error, std::size_t) {
          self->check.answered(!error && self->parser.get().result() == http::status::ok);
        });
  }

  HttpCheck& check;
  beast::tcp_stream stream;
  http::request<http::empty_body> request;
  beast::flat_static_buffer<kLargestHead> buffer;
  http::response_parser<http::empty_body> parser;
};

HttpCheck::HttpCheck(asio::io_context& context, const TrackOptions& options, OnResult on_result)
    : context_{context}, options_{options}, on_result_{std::move(on_result)}, timer_{context} {}

void HttpCheck::start() { ask(); }

void HttpCheck::stop() {
  stopped_ = true;
  timer_.cancel();
}

void HttpCheck::ask() {
  // From the beginning of this question to the next; when an answer took longer, the next is asked
  // at once.
  timer_.expires_after(options_.interval);
  std::make_shared<Question>(*this)->run();
}

void HttpCheck::answered(bool good) {
  if (stopped_) return;
  on_result_(good);
  timer_.async_wait([this](error_code error) {
    if (!error && !stopped_) ask();
  });
}

}  // namespace vrrp::tracking

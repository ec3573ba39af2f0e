#include "vrrpd/tracking/http_watch.hpp"

#include "vrrpd/tracking/endpoint.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vrrp::tracking {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kLargestHead = 4096;  // octets
constexpr std::size_t kLongestLine = 1024;  // of an event; a longer one ends the connection
constexpr auto kOpeningLimit = std::chrono::seconds{2};  // from connecting to the answer's head
constexpr std::string_view kData = "data: ";

}  // namespace

struct HttpWatch::Connection : std::enable_shared_from_this<Connection> {
  Connection(HttpWatch& watch, const HttpTarget& target) : owner{&watch}, stream{watch.context_} {
    request.method(http::verb::get);
    request.target(target.path + "/watch");
    request.version(11);
    request.set(http::field::host, target.address.to_string());
    request.set(http::field::user_agent, "vrrpd");
    request.set(http::field::accept, "text/event-stream");
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // it is never over
  }

  void open(const common::SocketAddress& address) {
    stream.expires_after(kOpeningLimit);
    stream.async_connect(to_endpoint(address), [self = shared_from_this()](error_code error) {
      if (error) return self->over();
      http::async_write(self->stream, self->request, [self](error_code failed, std::size_t) {
        if (failed) return self->over();
        self->read_head();
      });
    });
  }

  void read_head() {
    http::async_read_header(stream, buffer, parser,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error || self->parser.get().result() != http::status::ok)
                                return self->over();
                              self->held = true;
                              self->stream.expires_never();
                              self->read_events();
                            });
  }

  void read_events() {
    auto& body = parser.get().body();
    body.data = text.data();
    body.size = text.size();
    http::async_read_some(stream, buffer, parser,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (!self->owner) return;
                            if (error && error != http::error::need_buffer) return self->over();
                            const auto read = self->text.size() - self->parser.get().body().size;
                            if (!self->take({self->text.data(), read}) || self->parser.is_done())
                              return self->over();
                            if (self->owner) self->read_events();
                          });
  }

  /// False for a line that does not end.
  bool take(std::string_view read) {
    line.append(read);
    for (auto end = line.find('\n'); end != std::string::npos; end = line.find('\n')) {
      const auto one = line.substr(0, end);
      line.erase(0, end + 1);
      if (!one.starts_with(kData)) continue;
      const bool ready = one.substr(kData.size()) == "ready";
      if (!owner) return true;
      owner->on_word_(ready ? Word::Ready : Word::NotReady);
    }
    return line.size() <= kLongestLine;
  }

  void over() {
    stream.close();
    if (!owner) return;
    auto* const watch = std::exchange(owner, nullptr);
    watch->connection_.reset();  // its handler keeps us
    if (held) watch->on_word_(Word::HungUp);
  }

  HttpWatch* owner;  // null when it is gone
  beast::tcp_stream stream;
  http::request<http::empty_body> request;
  beast::flat_buffer buffer{kLargestHead};
  http::response_parser<http::buffer_body> parser;
  std::array<char, 512> text{};
  std::string line;
  bool held{false};
};

HttpWatch::HttpWatch(asio::io_context& context, HttpTarget target, OnWord on_word)
    : context_{context}, target_{std::move(target)}, on_word_{std::move(on_word)} {}

HttpWatch::~HttpWatch() {
  if (!connection_) return;
  connection_->owner = nullptr;
  connection_->stream.close();
}

void HttpWatch::hold() {
  if (connection_) return;
  connection_ = std::make_shared<Connection>(*this, target_);
  connection_->open(target_.address);
}

}  // namespace vrrp::tracking

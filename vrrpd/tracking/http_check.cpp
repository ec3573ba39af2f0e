#include "vrrpd/tracking/http_check.hpp"

#include "vrrpd/tracking/endpoint.hpp"
#include "vrrpd/tracking/http_watch.hpp"

#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <memory>
#include <utility>

namespace vrrp::tracking {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kLargestHead = 4096;  // octets; an answer with more is bad

}  // namespace

/// One connection, one question; kept alive by its own handlers.
struct HttpCheck::Question : std::enable_shared_from_this<Question> {
  Question(asio::io_context& context, const HttpTarget& target, Answer on_answer)
      : answer{std::move(on_answer)}, stream{context} {
    request.method(http::verb::get);
    request.target(target.path);
    request.version(11);
    request.set(http::field::host, target.address.to_string());
    request.set(http::field::user_agent, "vrrpd");
    request.set(http::field::connection, "close");
  }

  void run(const common::SocketAddress& address, std::chrono::milliseconds timeout) {
    stream.expires_after(timeout);
    stream.async_connect(to_endpoint(address), [self = shared_from_this()](error_code error) {
      if (error) return self->answer({.good = false});
      self->write();
    });
  }

  void write() {
    http::async_write(stream, request, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->answer({.good = false});
      self->read();
    });
  }

  // The head is enough: its status is the answer, whatever the body.
  void read() {
    http::async_read_header(
        stream, buffer, parser, [self = shared_from_this()](error_code error, std::size_t) {
          self->answer({.good = !error && self->parser.get().result() == http::status::ok});
        });
  }

  Answer answer;
  beast::tcp_stream stream;
  http::request<http::empty_body> request;
  beast::flat_static_buffer<kLargestHead> buffer;
  http::response_parser<http::empty_body> parser;
};

HttpCheck::HttpCheck(asio::io_context& context, const TrackOptions& options, OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      target_{std::get<HttpTarget>(options.target)},
      timeout_{options.timeout} {
  if (!target_.watch) return;
  watch_ = std::make_unique<HttpWatch>(context, target_, [this](HttpWatch::Word word) {
    if (word == HttpWatch::Word::NotReady) return tell({.good = false, .at_once = true});
    hung_up_ = word == HttpWatch::Word::HungUp;
    hurry();
  });
}

HttpCheck::~HttpCheck() = default;

void HttpCheck::ask(Answer answer) {
  const bool at_once = std::exchange(hung_up_, false);
  const auto told = [answer = std::move(answer), at_once](const Finding& finding) {
    answer({.good = finding.good, .at_once = at_once && !finding.good});
  };
  std::make_shared<Question>(context(), target_, told)->run(target_.address, timeout_);
  if (watch_) watch_->hold();
}

}  // namespace vrrp::tracking

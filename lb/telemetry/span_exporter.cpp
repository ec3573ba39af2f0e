#include "lb/telemetry/span_exporter.hpp"

#include "common/build_info.hpp"
#include "common/log.hpp"
#include "lb/telemetry/handover.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <iterator>
#include <mutex>
#include <span>
#include <thread>

namespace lb::telemetry {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using std::chrono::milliseconds;

constexpr common::Log kLog{"lb.telemetry"};
constexpr auto kFirstPause = milliseconds{500};  // before a second try; doubles with each
constexpr auto kFarewell = milliseconds{1'000};  // the end waits no longer than this
constexpr auto kLook = milliseconds{1'000};      // at the queue even if nobody called
constexpr std::size_t kMostSpans = 512;          // in one call
constexpr std::size_t kLargestAnswer = 64 * 1024;

/// One call: connect, send, read the answer, all within `timeout`.
class Call {
 public:
  Call(const CollectorUrl& url, milliseconds timeout) : url_{url}, timeout_{timeout} {}

  /// The status of the answer, or why there is none.
  std::optional<unsigned> post(std::string body, std::string& why) {
    if (!prepare(why)) return std::nullopt;
    http::request<http::string_body> request{http::verb::post, url_.path, 11};
    request.set(http::field::host, url_.host);
    request.set(http::field::user_agent, std::string{"lbd/"} + common::kVersion);
    request.set(http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    http::response_parser<http::string_body> answer;
    answer.body_limit(kLargestAnswer);
    beast::error_code error;
    stream_->expires_after(timeout_);
    http::async_write(*stream_, request, [&](beast::error_code failed, std::size_t) {
      error = failed;
      if (failed) return;
      http::async_read(*stream_, buffer_, answer,
                       [&](beast::error_code unread, std::size_t) { error = unread; });
    });
    run();
    if (error) {
      stream_.reset();
      why = error.message();
      return std::nullopt;
    }
    if (!answer.keep_alive()) stream_.reset();
    return answer.get().result_int();
  }

 private:
  void run() {
    context_.restart();
    context_.run();
  }

  /// Keeps the connection of the last call if it is still there.
  bool prepare(std::string& why) {
    if (stream_ && is_quiet()) return true;
    stream_.emplace(context_);
    buffer_.clear();
    beast::error_code error;
    boost::asio::ip::tcp::resolver resolver{context_};
    const auto addresses = resolver.resolve(url_.host, url_.port, error);
    if (!error) {
      stream_->expires_after(timeout_);
      stream_->async_connect(addresses,
                             [&error](beast::error_code failed, const auto&) { error = failed; });
      run();
    }
    if (!error) return true;
    stream_.reset();
    why = error.message();
    return false;
  }

  /// Nothing has arrived since the last answer, its end neither.
  bool is_quiet() {
    beast::error_code error;
    char octet = 0;
    auto& socket = stream_->socket();
    socket.non_blocking(true, error);
    if (error) return false;
    socket.receive(boost::asio::buffer(&octet, 1), boost::asio::socket_base::message_peek, error);
    return error == boost::asio::error::would_block;
  }

  const CollectorUrl& url_;
  milliseconds timeout_;
  boost::asio::io_context context_{1};
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

/// OTLP/HTTP: these say that the same may be sent once more; any other refusal is final.
bool may_try_again(unsigned status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

std::optional<CollectorUrl> CollectorUrl::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  CollectorUrl url;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  auto authority = text.substr(0, slash);
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(url.host.size());
  }
  if (!authority.empty()) {
    if (authority.front() != ':') return std::nullopt;
    url.port = authority.substr(1);
    if (url.port.empty() || url.port.size() > 5 ||
        url.port.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
  }
  const auto is_harmless = [](char c) { return c > 0x20 && c < 0x7F; };
  if (url.host.empty() || !std::all_of(text.begin(), text.end(), is_harmless)) return std::nullopt;
  return url;
}

/// Shared with the thread, which may be in the midst of a call when the process leaves.
struct SpanExporter::State {
  State(const TracingOptions& o, std::shared_ptr<ControlCounters> c)
      : options{o},
        url{CollectorUrl::parse(o.endpoint).value_or(CollectorUrl{})},
        counters{std::move(c)} {}

  TracingOptions options;
  CollectorUrl url;
  std::shared_ptr<ControlCounters> counters;
  Handover<std::vector<Span>> batches{kMostBatches};
  std::once_flag started;
  std::atomic<bool> running{false};
  std::promise<void> ended;
  bool failing{false};

  void run() {
    Call call{url, options.timeout};
    while (true) {
      const bool last = batches.closed();
      std::vector<Span> spans;
      for (auto& batch : batches.take(kLook))
        std::move(batch.begin(), batch.end(), std::back_inserter(spans));
      for (std::span rest{spans}; !rest.empty();) {
        const auto size = std::min(rest.size(), kMostSpans);
        send(call, rest.first(size));
        rest = rest.subspan(size);
      }
      if (last && spans.empty()) break;
    }
    ended.set_value();
  }

  void send(Call& call, std::span<const Span> spans) {
    std::string body;
    append_otlp(body, spans, options.service);
    std::string why;
    auto pause = kFirstPause;
    for (std::size_t tries = 1;; ++tries) {
      const auto status = call.post(body, why);
      if (status && *status / 100 == 2) {
        if (std::exchange(failing, false)) kLog.info("the trace collector answers again", {});
        counters->spans_sent.add(spans.size());
        return;
      }
      if (status) why = "status " + std::to_string(*status);
      const bool again = !status || may_try_again(*status);
      if (!again || tries == kMostTries || batches.closed()) break;
      wait(pause);
      pause *= 2;
    }
    counters->spans_lost.add(spans.size());
    if (!std::exchange(failing, true))
      kLog.warn("the trace collector takes no spans",
                {{"endpoint", options.endpoint}, {"why", why}});
  }

  /// Ends early when the process leaves.
  void wait(milliseconds pause) {
    const auto until = common::Clock::now() + pause;
    while (!batches.closed() && common::Clock::now() < until)
      std::this_thread::sleep_for(std::min(pause, milliseconds{50}));
  }
};

SpanExporter::SpanExporter(const TracingOptions& options, std::shared_ptr<ControlCounters> counters)
    : state_{std::make_shared<State>(options, std::move(counters))} {}

SpanExporter::~SpanExporter() {
  state_->batches.close();
  if (state_->running) state_->ended.get_future().wait_for(kFarewell);
}

/// The thread begins with the first spans: a worker's, it is confined as workers are.
void SpanExporter::offer(std::vector<Span>& spans) {
  std::call_once(state_->started, [this] {
    state_->running = true;
    std::thread{[state = state_] { state->run(); }}.detach();
  });
  state_->batches.try_push(spans);
}

bool SpanExporter::serves(const TracingOptions& options) const {
  const auto& own = state_->options;
  return own.endpoint == options.endpoint && own.service == options.service &&
         own.timeout == options.timeout;
}

}  // namespace lb::telemetry

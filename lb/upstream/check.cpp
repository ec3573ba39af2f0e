#include "lb/upstream/check.hpp"

#include "common/units.hpp"
#include "lb/http/status.hpp"
#include "lb/http1/chunked.hpp"
#include "lb/net/listener.hpp"
#include "lb/tls/handshake.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lb::upstream {

using health::ProbeResult;

namespace {

constexpr std::size_t kRead = 4 * 1024;

/// Takes the framing off content as it arrives, and keeps as much of it as is looked at.
class Content {
 public:
  Content(http1::BodyLength length, const http1::Limits& limits)
      : length_{length}, left_{length.octets}, decoder_{limits} {}

  /// False when the framing is broken.
  bool take(std::string_view octets) {
    using Kind = http1::BodyLength::Kind;
    if (length_.kind == Kind::Counted) {
      const auto piece = octets.substr(0, std::min<std::uint64_t>(left_, octets.size()));
      left_ -= piece.size();
      keep(piece);
    } else if (length_.kind == Kind::UntilClose) {
      keep(octets);
    } else if (length_.kind == Kind::Chunked) {
      while (!octets.empty() && !decoder_.finished()) {
        const auto step = decoder_.next(octets);
        if (!step) return false;
        keep(step->content);
        octets.remove_prefix(step->consumed);
      }
    }
    return true;
  }

  bool finished() const {
    using Kind = http1::BodyLength::Kind;
    return cut_ || length_.kind == Kind::None || (length_.kind == Kind::Counted && left_ == 0) ||
           (length_.kind == Kind::Chunked && decoder_.finished());
  }
  bool ends_with_connection() const { return length_.kind == http1::BodyLength::Kind::UntilClose; }
  bool cut() const { return cut_; }
  const std::string& text() const { return text_; }

 private:
  void keep(std::string_view piece) {
    const auto room = CheckPlan::kLargestBody - text_.size();
    cut_ = cut_ || piece.size() > room;
    text_ += piece.substr(0, room);
  }

  http1::BodyLength length_;
  std::uint64_t left_;
  http1::ChunkedDecoder decoder_;
  std::string text_;
  bool cut_{false};
};

}  // namespace

Check::Check(LinkHome home, std::shared_ptr<const CheckPlan> plan,
             net::asio::ip::tcp::endpoint address)
    : home_{std::move(home)},
      plan_{std::move(plan)},
      address_{std::move(address)},
      stream_{home_.executor},
      limit_{home_.executor} {
  if (plan_->options().port != 0) address_.port(plan_->options().port);
}

void Check::stop() {
  stopped_ = true;
  limit_.cancel();
  close();
}

void Check::close() {
  if (link_) link_->cut();
  stream_.close();
}

CheckReport Check::failure(ProbeResult result, std::string detail) const {
  if (!late_) return {result, std::move(detail), {}};
  return {ProbeResult::TimedOut,
          std::string{waits_for_} + " did not come within " +
              common::format_duration(plan_->options().timeout),
          {}};
}

net::Awaitable<std::optional<CheckReport>> Check::run() {
  const auto began = common::Clock::now();
  limit_.expires_at(began + plan_->options().timeout);
  limit_.async_wait([self = shared_from_this()](boost::system::error_code aborted) {
    if (aborted) return;
    self->late_ = true;
    self->close();
  });
  auto report = co_await ask();
  limit_.cancel();
  close();
  if (stopped_) co_return std::nullopt;
  if (report) report->took = common::Clock::now() - began;
  co_return report;
}

net::Awaitable<std::optional<CheckReport>> Check::ask() {
  const auto& options = plan_->options();
  const bool http2 = options.http2.enabled && options.type == CheckType::Http;
  std::optional<CheckReport> report;
  if (http2)
    report = co_await connect_http2();
  else
    report = co_await connect();
  if (!report || report->result != ProbeResult::Passed || options.type == CheckType::Tcp)
    co_return report;
  waits_for_ = "the head of an answer";
  const auto request = plan_->request(net::from_asio(address_).to_string());
  if (!co_await send(request)) co_return failure(ProbeResult::Broken, "the connection ended early");
  co_return co_await read_answer();
}

/// HTTP/2 over a connection of its own, as requests have it.
net::Awaitable<std::optional<CheckReport>> Check::connect_http2() {
  const auto& options = plan_->options();
  link_ = Http2Link::open(home_, {.address = address_,
                                  .options = options.http2,
                                  .tls = options.tls,
                                  .connect_timeout = options.timeout});
  share_ = link_->lend();
  while (!late_ && !share_->is_ready() && !share_->failure())
    co_await share_->stream.wait_writable();
  if (net::is_exhaustion(share_->failure())) co_return std::nullopt;
  if (late_ || share_->failure()) co_return failure(ProbeResult::Refused, link_->reason());
  co_return CheckReport{};
}

/// Passed: the connection is there.
net::Awaitable<std::optional<CheckReport>> Check::connect() {
  auto& socket = stream_.socket();
  const auto [refused] = co_await socket.async_connect(address_, net::kToken);
  if (net::is_exhaustion(refused)) co_return std::nullopt;
  if (refused || late_) co_return failure(ProbeResult::Refused, refused.message());
  if (const auto& secure = plan_->options().tls) {
    waits_for_ = "the TLS handshake";
    auto layer = secure->connect(socket.native_handle(), address_.address().to_string(), nullptr);
    auto& connection = *layer;
    stream_.put_on(std::move(layer));
    const bool established = co_await tls::shake_hands(stream_, connection);
    if (!established || late_)
      co_return failure(ProbeResult::Refused, "TLS: " + connection.reason());
  }
  co_return CheckReport{};
}

net::Awaitable<bool> Check::send(std::string_view octets) {
  net::Pieces pieces;
  pieces.add(octets);
  while (!late_ && !stopped_) {
    if (stream().try_write(pieces)) co_return false;
    if (pieces.empty()) co_return true;
    const auto [error] = co_await stream().wait_writable();
    if (error) co_return false;
  }
  co_return false;
}

net::Awaitable<CheckReport> Check::read_answer() {
  std::array<char, CheckPlan::kLargestHead> memory;
  std::size_t begin = 0;
  std::size_t end = 0;
  http1::ParsedResponse answer;
  const http1::Limits limits{.head = CheckPlan::kLargestHead};
  while (true) {
    const std::string_view octets{memory.data() + begin, end - begin};
    const auto parsed = http1::parse_response(octets, limits, plan_->method(), answer);
    if (!parsed) co_return failure(ProbeResult::Broken, std::string{explain(parsed.error())});
    begin += *parsed;
    if (*parsed > 0 && http::is_interim(answer.head.status)) continue;
    if (*parsed > 0) {
      auto report = plan_->judge(answer.head);
      if (report.result != ProbeResult::Passed || !plan_->needs_content()) co_return report;
      co_return co_await read_content(answer.body, octets.substr(*parsed));
    }
    if (end == memory.size())
      co_return failure(ProbeResult::Broken, "the head of the answer is too large");
    const auto [error, count] = co_await stream().read_more(std::span{memory}.subspan(end));
    if (error || late_) co_return failure(ProbeResult::Broken, "the connection ended early");
    end += count;
  }
}

net::Awaitable<CheckReport> Check::read_content(http1::BodyLength length, std::string_view begin) {
  waits_for_ = "the end of the content";
  const http1::Limits limits;
  Content content{length, limits};
  bool whole = content.take(begin);
  std::array<char, kRead> memory;
  while (whole && !content.finished()) {
    const auto [error, count] = co_await stream().read_more(memory);
    if (late_) co_return failure(ProbeResult::TimedOut, {});
    if (error && !(error == net::asio::error::eof && content.ends_with_connection()))
      co_return failure(ProbeResult::Broken, "the content was cut short");
    if (error) break;
    whole = content.take({memory.data(), count});
  }
  if (!whole) co_return failure(ProbeResult::Broken, "the chunked coding is broken");
  co_return plan_->judge_content(content.text(), content.cut());
}

}  // namespace lb::upstream

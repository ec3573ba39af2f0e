#include "common/reason_phrase.hpp"
#include "lb/filters/client_key.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/status.hpp"
#include "lb/proxy/content_reader.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/forwarded_head.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

namespace lb::proxy {

using common::Clock;
using Kind = http1::BodyLength::Kind;

namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// What of an answer concerns the client though it gets another page with it (RFC 9110 §10.2.3,
/// §11.6.1, §15.5.6).
bool is_kept(const http::Field& field) {
  constexpr std::array<std::string_view, 5> kKept{"www-authenticate", "retry-after", "allow",
                                                  "set-cookie", "ratelimit"};
  return !field.connection_specific && std::any_of(kKept.begin(), kKept.end(), [&field](auto name) {
    return http::equals_lower(field.name, name);
  });
}

}  // namespace

const filters::ErrorPages* Exchange::error_pages() const {
  return passage_ && passage_->error_pages() != nullptr ? passage_->error_pages()
                                                        : site_->error_pages.get();
}

/// Whether the answer that has come is one for which the site shows a page of its own. If so, what
/// has come of its content is dropped; when that was all, its connection may be used again.
bool Exchange::intercepts_answer() {
  const auto* const pages = error_pages();
  if (pages == nullptr) return false;
  using Form = filters::ErrorPage::Form;
  const auto& answer = worker_.response;
  if (!pages->intercepts(html_ ? Form::Html : Form::Json, answer.head.status)) return false;
  refusal_ = refusal_of(Trouble::Intercepted);
  refusal_->status = answer.head.status;
  const bool whole = answer.body.kind == Kind::None ||
                     (answer.body.kind == Kind::Counted && answer.body.octets <= answer_.size());
  if (whole && answer.body.kind == Kind::Counted)
    answer_.consume(static_cast<std::size_t>(answer.body.octets));
  upstream_reusable_ = whole && request_done_ && !answered_early_ && answer.persistent &&
                       !(plan_ == BodyPlan::Streamed && connection_->stream.has_unsent());
  return true;
}

std::string Exchange::kept_of_answer() const {
  std::string out;
  for (const auto& field : worker_.response.head.fields)
    if (is_kept(field)) append_field(out, field.name, field.value);
  return out;
}

std::size_t Exchange::share_of(const routing::Route& route) const {
  const auto network = filters::client_network(origin_.address).to_string();
  return routing::upstream_of(route, worker_.request.head, network,
                              routing::stable_hash(request_id_));
}

filters::Request Exchange::filter_request() const {
  return {worker_.request.head, origin_.address, origin_.scheme, request_id_, Clock::now()};
}

/// The request through the filters of its route. While one of them waits, other sessions use the
/// parser's memory: the head is then read again from the octets, which stay where they are.
net::Awaitable<Exchange::MaybeTrouble> Exchange::pass_filters() {
  auto next = passage_->on_request(filter_request());
  while (next == filters::Next::Ask || next == filters::Next::Verify) {
    if (next == filters::Next::Ask)
      next = co_await ask_permission();
    else
      next = co_await verify();
    if (client_.watchdog.expired() == Wait::Total) co_return Trouble::TotalTimeout;
  }
  if (next == filters::Next::Pass) co_return std::nullopt;
  const auto& answer = passage_->answer();
  refusal_ = refusal_of(answer.reason);
  refusal_->status = answer.status;
  co_return Trouble::Filtered;
}

net::Awaitable<filters::Next> Exchange::verify() {
  struct Outcome {
    net::Timer ended;
    bool done{false};
    bool right{false};
  };
  const auto outcome =
      std::make_shared<Outcome>(Outcome{net::Timer{worker_.executor, common::TimePoint::max()}});
  client_.watchdog.expect(Wait::Nothing, common::TimePoint::max());
  passage_->verification()->start([outcome, executor = worker_.executor](bool right) {
    net::asio::post(executor, [outcome, right] {
      outcome->done = true;
      outcome->right = right;
      outcome->ended.cancel();
    });
  });
  while (!outcome->done) co_await outcome->ended.async_wait(net::kToken);
  read_head_again();
  co_return passage_->on_verified(outcome->right, filter_request());
}

void Exchange::read_head_again() {
  const auto size =
      http1::parse_request(client_.input.content(), site_->options.limits.message, worker_.request);
  common::expects(size && *size > 0, "the same octets are the same head");
  if (!origin_.by_proxy) http::drop_claims(worker_.request.head.fields);
}

/// An answer of lbd itself, changed by the filters as every answer of the route is.
std::string Exchange::own_answer(Trouble trouble, const Refusal& refusal,
                                 const ErrorContext& context) {
  http::ResponseHead head;
  head.status = refusal.status;
  ErrorContent page;
  std::string_view content;
  const bool filtered = trouble == Trouble::Filtered && passage_->answer().status != 0;
  if (filtered) head.fields = passage_->answer().fields;
  if (filtered && !passage_->answer().is_page) {
    content = passage_->answer().content;
  } else {
    page = error_content(refusal, context);
    content = page.text;
    head.fields.push_back({"Content-Type", page.type, http::FieldId::Other, false});
    head.fields.push_back({"Cache-Control", "no-store", http::FieldId::Other, false});
    if (trouble == Trouble::Intercepted)
      for (const auto& field : worker_.response.head.fields)
        if (is_kept(field)) head.fields.push_back(field);
    if (refusal.status == 503 && !filtered && trouble != Trouble::Intercepted)
      head.fields.push_back({"Retry-After", "1", http::FieldId::Other, false});
  }
  filters::Response response{head, false, true, minor_version_};
  passage_->on_response(response);
  put_hsts(head.fields, context.hsts);

  std::string out = "HTTP/1.1 " + std::to_string(head.status) + ' ';
  out.append(common::reason_phrase(head.status)).append("\r\n");
  for (const auto& field : head.fields)
    if (!field.connection_specific) append_field(out, field.name, field.value);
  if (!http::is_without_content(head.status))
    append_field(out, "Content-Length", std::to_string(content.size()));
  append_field(out, "Date", {context.date.data(), context.date.size()});
  if (context.close) append_field(out, "Connection", "close");
  out.append("\r\n");
  if (!context.without_content && !http::is_without_content(head.status)) out.append(content);
  return out;
}

/// The endpoint's answer through the filters. When one of them encodes the content, its length is
/// known to nobody.
void Exchange::filter_answer() {
  auto& answer = worker_.response;
  const bool has_content = answer.body.kind != Kind::None &&
                           !(answer.body.kind == Kind::Counted && answer.body.octets == 0);
  filters::Response response{answer.head, has_content, false, minor_version_,
                             method_ == http::Method::Head};
  passage_->on_response(response);
  if (passage_->encoder() != nullptr) answer.body = {Kind::UntilClose, 0};
}

/// The content in a coding: what came in a read leaves before the next one is waited for, so a
/// stream of events stays one.
net::Awaitable<Exchange::MaybeTrouble> Exchange::relay_encoded(net::Pieces pieces,
                                                               http1::BodyLength body) {
  using filters::Encoder;
  auto& encoder = *passage_->encoder();
  ContentReader reader{body, site_->options.limits.message};
  auto out = worker_.buffers.take();
  bool full = false;  // the last read filled its buffer: more is probably at hand
  bool closed = false;
  while (true) {
    if (!(closed ? reader.on_close() : reader.take(answer_.content()))) {
      answer_began_ = sent_ > 0;  // before the first octet a 502 can still tell what happened
      co_return answer_began_ ? Trouble::AnswerCut : Trouble::BadAnswer;
    }
    auto content = reader.content();
    const bool drained = reader.consumed() == answer_.size();
    const auto until = reader.ended() ? Encoder::Until::Ended
                       : drained && !(full && !connection_->stream.is_quiet())
                           ? Encoder::Until::Flushed
                           : Encoder::Until::Fed;
    for (bool done = false; !done;) {
      const auto step = encoder.put(content, out.space(), until);
      if (!step.done && step.consumed == 0 && step.produced == 0) co_return Trouble::AnswerCut;
      content.remove_prefix(step.consumed);
      out.commit(step.produced);
      done = step.done;
      const bool leaves = done ? until != Encoder::Until::Fed : out.space().empty();
      if (!leaves) continue;
      const http1::ChunkHead chunk{out.size()};
      if (!out.empty() && answer_chunked_) pieces.add(chunk.text());
      pieces.add(out.content());
      if (!out.empty() && answer_chunked_) pieces.add(http1::kChunkEnd);
      if (done && reader.ended() && answer_chunked_) pieces.add(http1::kLastChunk);
      if (const auto trouble = co_await send(pieces)) co_return trouble;
      out.clear();
      pieces = {};
    }
    answer_.consume(reader.consumed());
    if (reader.ended()) co_return std::nullopt;
    if (!answer_.empty()) continue;
    client_.watchdog.expect(Wait::BetweenBytes, Clock::now() + between_bytes_limit());
    const auto [error, count] = co_await connection_->stream.read_more(answer_, worker_.buffers);
    if (client_gone_) co_return Trouble::ClientGone;
    if (client_.watchdog.expired() != Wait::Nothing) co_return Trouble::AnswerCut;
    closed = error == net::asio::error::eof;
    if (error && !closed) co_return Trouble::AnswerCut;
    full = count == answer_.space().size();
    answer_.commit(count);
  }
}

}  // namespace lb::proxy

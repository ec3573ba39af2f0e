#include "lb/proxy/exchange.hpp"

#include "lb/balancing/hash.hpp"
#include "lb/http/status.hpp"
#include "lb/http/trailers.hpp"
#include "lb/proxy/error_response.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/selector.hpp"
#include "lb/proxy/upgrade.hpp"

namespace lb::proxy {

using common::Clock;

namespace {

/// An end that follows the begin of a request this fast was sent with it, by one who has nothing
/// more to say; the end of one who has given up waiting comes later.
constexpr auto kOneBreath = std::chrono::milliseconds{2};

}  // namespace

Exchange::Exchange(ClientConnection& client, common::TimePoint began)
    : client_{client},
      worker_{client.worker},
      site_{worker_.site},
      began_{began},
      active_{worker_.counters->active_requests} {
  worker_.requests.push_back(*this);
}

Exchange::~Exchange() {
  client_.watchdog.watch(static_cast<net::Stream*>(nullptr));
  client_.stream.stop_watching();
}

net::Awaitable<Ending> Exchange::run(std::size_t head_size) {
  auto trouble = admit(head_size);
  if (!trouble && passage_) trouble = co_await pass_filters();
  if (!trouble) trouble = forward_head();
  client_.input.consume(head_size);
  if (!trouble && plan_ == BodyPlan::Held) trouble = co_await hold_body();
  if (!trouble && request_done_) watch_client();
  if (!trouble) trouble = co_await obtain_answer();
  if (!trouble && intercepts_answer()) trouble = Trouble::Intercepted;
  if (!trouble) {
    if (const auto relayed = relay_at_once())
      trouble = *relayed;
    else
      trouble = co_await relay_rest();
  }
  if (trouble) co_await tell(*trouble);
  if (pump_running_) co_await stop_pump();
  finish(trouble);
  if (persistent_) co_return Ending::Persist;
  // The kernel, where it encrypts, may hold the last octets: an end that lingers waits for them.
  const bool held_by_kernel = client_.tls != nullptr && client_.tls->sends_plain();
  const bool at_once = request_done_ && client_.input.empty() && !held_by_kernel;
  co_return at_once ? Ending::Close : Ending::Linger;
}

/// The parsed head is judged and routed.
Exchange::MaybeTrouble Exchange::admit(std::size_t head_size) {
  auto& request = worker_.request;
  const auto& head = request.head;
  const auto& options = site_->options;
  method_ = head.method;
  minor_version_ = request.minor_version;
  body_ = request.body;
  plan_ = plan_body(body_, options.limits);
  request_done_ = plan_ == BodyPlan::None;
  may_repeat_ = may_repeat(head);
  expects_continue_ = request.expects_continue && plan_ != BodyPlan::None &&
                      client_.input.size() == head_size;  // else it does not wait
  // Whether the content is wanted is for the endpoint to say (RFC 9110 §10.1.1).
  if (expects_continue_) plan_ = BodyPlan::Streamed;
  awaits_go_ahead_ = expects_continue_;
  accepts_trailers_ = minor_version_ > 0 && http::accepts_trailers(head.fields);
  // What a client sends behind CONNECT in hope of a tunnel must not be read as requests of its own.
  persistent_ = request.persistent && method_ != http::Method::Connect;
  if (persistent_ && client_.requests >= options.limits.requests) {
    persistent_ = false;
    worker_.counters->used_up.add();
  }
  html_ = wants_html(head.fields);
  origin_ = find_origin(head, client_.address, options.trusted_proxies,
                        client_.tls != nullptr ? "https" : "http");
  if (!origin_.by_proxy) http::drop_claims(request.head.fields);
  client_.watchdog.limit_total(began_ + options.timeouts.total);

  const auto* own_id = http::find(head.fields, http::FieldId::XRequestId);
  if (own_id != nullptr && is_request_id(own_id->value)) {
    client_id_ = own_id->value;
    request_id_ = client_id_;
  } else {
    generated_id_ = worker_.request_ids.next();
    request_id_ = {generated_id_.data(), generated_id_.size()};
  }
  take_notes(head);

  auto trouble = refuse(request);
  if (!trouble && worker_.pressure == overload::Level::Refuse) trouble = Trouble::Overloaded;
  if (!trouble && client_.tls != nullptr && !client_.tls->serves(head.authority))
    trouble = Trouble::Misdirected;
  // What is asked for as secured must have come so, here or at a trusted proxy (RFC 9110 §7.4).
  if (!trouble && head.target.secure && origin_.scheme != "https") trouble = Trouble::Misdirected;
  if (trouble) return trouble;
  const auto* route = site_->routes.find(head);
  if (route == nullptr) {  // 404, unless a filter of the whole site has another answer
    if (!site_->chain_of_rest) return Trouble::NoRoute;
    passage_ = std::make_unique<filters::Passage>(site_->chain_of_rest);
    return std::nullopt;
  }
  route_ = route->place;
  bounds_ = &site_->bounds[route_];
  client_.watchdog.limit_total(began_ + bounds_->total);
  if (is_too_large(body_, *bounds_)) return Trouble::BodyTooLarge;
  priority_ = route->priority;
  upstream_place_ = route->shares.empty() ? route->upstream : share_of(*route);
  if (upstream_place_ != routing::Route::kNoUpstream)
    upstream_ = site_->upstreams[upstream_place_].get();
  if (const auto& chain = site_->chains[route->place])
    passage_ = std::make_unique<filters::Passage>(chain);
  return std::nullopt;
}

/// The last look at the parsed head: it is written as the endpoint will get it.
Exchange::MaybeTrouble Exchange::forward_head() {
  if (upstream_ == nullptr) return Trouble::NoRoute;  // no filter has answered
  auto& request = worker_.request;
  selector_ = select_by(*upstream_, request.head, origin_.address);
  selector_.priority = priority_;
  if (!upstream_->has_untried(selector_, {})) return Trouble::NoEndpoint;
  if (request.connection.upgrade) upgrade_ = forwardable_upgrade(request);
  std::string announced;
  if (body_.kind == http1::BodyLength::Kind::Chunked)
    announced = http::announced_trailers(request.head.fields);
  if (passage_) passage_->edit(request.head);
  const auto peer = client_.address.to_string();
  const auto shown = client_.tls != nullptr ? client_.tls->client() : tls::ClientIdentity{};
  head_ = worker_.buffers.take();
  http1::Writer out{head_.space()};
  write_request_head(
      out, request, origin_,
      {.request_id = request_id_,
       .peer = peer,
       .upstream = upstream_->options().name,
       .traceparent =
           traceparent_ ? std::string_view{traceparent_->data(), traceparent_->size()} : "",
       .tracestate = trace_state_,
       .upgrade = upgrade_,
       .trailers = announced,
       .version = !client_.version.empty() ? client_.version
                  : minor_version_ == 0    ? "1.0"
                                           : "1.1",
       .secure = client_.tls != nullptr,
       .client_subject = shown.subject,
       .client_fingerprint = shown.fingerprint,
       .accepts_trailers = accepts_trailers_,
       .expects_continue = expects_continue_});
  if (out.overflowed()) return Trouble::ForwardedHeadTooLarge;
  head_.commit(out.size());
  return std::nullopt;
}

/// Until the exchange ends or the client is read from again. One that has sent its next request
/// already is not looked behind.
void Exchange::watch_client() {
  if (client_.half_closed) return;
  client_.stream.watch(this, [](void* self, net::Reader::Event event) {
    if (event == net::Reader::Event::End) static_cast<Exchange*>(self)->on_client_gone();
  });
}

/// Nobody is left to be answered: what the endpoint still does is in vain. But who sends its end
/// together with its request still waits for the answer.
void Exchange::on_client_gone() {
  client_.half_closed = client_.may_half_close && Clock::now() - began_ < kOneBreath;
  if (client_.half_closed) return;
  client_gone_ = true;
  client_.watchdog.end_waits();
}

net::Awaitable<Exchange::MaybeTrouble> Exchange::obtain_answer() {
  const auto most = most_attempts();
  MaybeTrouble trouble = Trouble::NoEndpoint;
  while (true) {
    asked_at_ = Clock::now();
    if (!fresh_only_) {
      auto acquired = upstream_->try_acquire(selector_, tried_, asked_at_);
      if (acquired.lease) {
        lease_ = std::move(acquired.lease);
      } else {
        if (acquired.why != upstream::Unavailable::Busy) co_return trouble;
        if (const auto unavailable = co_await wait_for_place()) co_return unavailable;
        asked_at_ = Clock::now();
      }
    }
    auto& endpoint = *lease_;
    ++progress_.attempts;
    trouble = co_await attempt(endpoint);
    Waiter::unlink();  // nobody waits for this endpoint any more
    if (!trouble) {
      endpoint.counters->add(http::is_server_error(worker_.response.head.status)
                                 ? telemetry::Outcome::ServerError
                                 : telemetry::Outcome::Answered);
      endpoint.counters->answering.add(first_byte_at_ - asked_at_);
      upstream_->report(endpoint, health::verdict_of(worker_.response.head.status),
                        first_byte_at_ - asked_at_, first_byte_at_);
      drop_replay();
      co_return trouble;
    }
    const auto failed_at = Clock::now();
    const bool was_warm = connection_ && connection_->reused;
    // An endpoint that gives an idle connection up has not failed, however many we meet at once.
    const bool untouched = connection_ && connection_->loss() == http2::Loss::NotProcessed;
    const bool was_idle = (was_warm || untouched) && *trouble == Trouble::ConnectionDied;
    endpoint.counters->add(was_idle ? telemetry::Outcome::Abandoned : outcome_of(*trouble));
    upstream_->report(endpoint, was_idle ? health::Verdict::Nothing : verdict_of(*trouble),
                      failed_at - asked_at_, failed_at);
    if (pump_running_) co_await hold_pump();
    connection_.reset();
    client_.watchdog.watch(static_cast<net::Stream*>(nullptr));
    if (*trouble == Trouble::ClientGone) co_return trouble;
    progress_.trouble = *trouble;
    progress_.may_repeat = may_repeat_;
    // What was taken off the client cannot be given back, only be sent once more.
    progress_.body_held = !body_begun_ || (replayable_ && !progress_.reached);
    const auto retry = may_retry(progress_, most);
    if (!retry) co_return trouble;
    // Who has not been asked anything costs the others no more than if it had not been there.
    if (progress_.reached && !was_warm && !upstream_->take_retry(failed_at)) co_return trouble;
    worker_.counters->add(*retry);
    tried_.add(endpoint.index);
    // The last endpoint left may merely have closed its idle connections: it gets a new one.
    if (upstream_->has_untried(selector_, tried_)) continue;
    fresh_only_ = was_warm && !progress_.endpoint_lost;
    if (!fresh_only_ && may_retry_there(progress_)) co_await back_off_before_asking_again();
    if (client_gone_) co_return Trouble::ClientGone;
  }
}

/// Nobody is left who has not been asked: soon all may be asked again.
net::Awaitable<> Exchange::back_off_before_asking_again() {
  lease_ = {};  // others may use the place meanwhile
  endpoint_ = nullptr;
  tried_ = {};
  client_.watchdog.expect(Wait::Place, common::TimePoint::max());
  net::Timer pause{worker_.executor};
  pause.expires_after(
      back_off(upstream_->options().retry, progress_.attempts,
               balancing::mix(static_cast<std::uint64_t>(asked_at_.time_since_epoch().count()))));
  co_await pause.async_wait(net::kToken);
}

std::uint32_t Exchange::most_attempts() const {
  const auto own = upstream_->options().retry.attempts;
  return own > 0 ? own : site_->options.limits.attempts;
}

/// Stands in line until an endpoint takes one more exchange.
net::Awaitable<Exchange::MaybeTrouble> Exchange::wait_for_place() {
  lease_ = {};  // others may wait for the place that this one held
  endpoint_ = nullptr;
  upstream::PlaceWait wait;
  client_.watchdog.watch(&wait);
  client_.watchdog.expect(Wait::Place, common::TimePoint::max());  // the queue has its own limit
  auto& queue = site_->series->upstream(upstream_place_).by_worker[worker_.number];
  telemetry::Held queued{queue.queued};
  const auto since = Clock::now();
  auto acquired = co_await upstream_->wait_for_place(worker_.executor, selector_, tried_, wait);
  const auto waited = Clock::now() - since;
  queued = {};
  queued_for_ += waited;
  queue.queueing.add(waited);
  if (acquired.why == upstream::Unavailable::QueueFull && !acquired.lease) queue.queue_full.add();
  if (acquired.why == upstream::Unavailable::QueueTimeout && !acquired.lease)
    queue.queue_timeouts.add();
  client_.watchdog.watch(static_cast<upstream::PlaceWait*>(nullptr));
  lease_ = std::move(acquired.lease);
  if (client_gone_) co_return Trouble::ClientGone;
  if (lease_) co_return std::nullopt;
  co_return trouble_of(acquired.why);
}

/// Answers in place of an endpoint; or, when its answer has begun, sees to it that the client
/// cannot take it for whole.
net::Awaitable<> Exchange::tell(Trouble trouble) {
  const auto refusal = refusal_ ? *refusal_ : refusal_of(trouble);
  worker_.counters->refusals[refusal.counter].add();
  if (status_ == 0) status_ = refusal.status;
  const bool nobody_listens =
      !refusal_ && (trouble == Trouble::ClientGone || trouble == Trouble::ClientStalled);
  if (answer_began_ || nobody_listens) {
    persistent_ = false;
    if (answer_began_ && cut_by_reset_)
      client_.stream.abort();
    else
      client_.stream.close();
    co_return;
  }
  status_ = refusal.status;
  answer_began_ = true;
  persistent_ = persistent_ && request_done_ && !worker_.ends_connections() && !client_.leaving;
  const auto kept = trouble == Trouble::Intercepted ? kept_of_answer() : std::string{};
  const ErrorContext context{.date = worker_.date,
                             .pages = error_pages(),
                             .request_id = request_id_,
                             .html = html_,
                             .without_content = method_ == http::Method::Head,
                             .close = !persistent_,
                             .kept = kept,
                             .hsts = client_.hsts()};
  const auto text = trouble == Trouble::LastForward ? own_options(context)
                    : passage_                      ? own_answer(trouble, refusal, context)
                                                    : error_response(refusal, context);
  net::Pieces pieces;
  pieces.add(text);
  if (is_last()) client_.stream.will_end();
  if (co_await send(pieces)) persistent_ = false;
}

void Exchange::finish(MaybeTrouble trouble) {
  const auto now = Clock::now();
  ended_at_ = now;
  if (connection_ && (!trouble || trouble == Trouble::Intercepted) && upstream_reusable_ &&
      request_done_ && answer_.empty() &&
      upstream_->options().proxy_protocol == proxy_protocol::Version::None)
    upstream_->keep(*endpoint_, std::move(connection_), now);
  connection_.reset();
  client_.input.consume(input_held_);
  auto& counters = *worker_.counters;
  counters.bytes_sent.add(sent_);
  site_->series->http(client_.listener, route_)
      .of(worker_.number)
      .add(static_cast<std::size_t>(method_), status_, now - began_);
  record(trouble, now);
}

}  // namespace lb::proxy

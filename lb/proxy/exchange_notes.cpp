#include "lb/proxy/exchange_notes.hpp"

#include "lb/http/characters.hpp"
#include "lb/proxy/exchange.hpp"

#include <algorithm>
#include <utility>

namespace lb::proxy {

using common::Clock;

void ExchangeNotes::add(std::size_t number, std::string_view value, std::string_view rest) {
  constexpr auto kMost = telemetry::kLongestField;
  text_.append(value.substr(0, kMost));
  text_.append(rest.substr(0, kMost - std::min(kMost, value.size())));
  ends_[number] = text_.size();
}

void ExchangeNotes::take(const http::RequestHead& head,
                         const telemetry::AccessLogOptions& options) {
  const auto field = [&head](bool wanted, std::string_view name) {
    for (const auto& each : head.fields)
      if (wanted && http::equals_lower(each.name, name)) return each.value;
    return std::string_view{};
  };
  text_.clear();
  add(0, head.method_name);
  add(1, head.authority);
  add(2, head.target.path, options.query ? head.target.query : std::string_view{});
  add(3, field(options.user_agent, "user-agent"));
  add(4, field(options.referer, "referer"));
}

std::unique_ptr<ExchangeNotes> NotePool::take() {
  if (free_.empty()) return std::make_unique<ExchangeNotes>();
  auto notes = std::move(free_.back());
  free_.pop_back();
  return notes;
}

void NotePool::give_back(std::unique_ptr<ExchangeNotes> notes) {
  if (notes && free_.size() < kMostFree) free_.push_back(std::move(notes));
}

/// W3C Trace Context: the client's trace goes on with us as the parent, or a new one begins.
void Exchange::join_trace(const http::RequestHead& head) {
  const auto& tracing = site_->tracing;
  if (tracing.propagation == telemetry::TracingOptions::Propagation::Pass) return;
  const http::Field* parent = nullptr;
  std::size_t parents = 0;
  std::array<std::string_view, telemetry::kMostTracestateMembers> states;
  std::size_t count = 0;
  for (const auto& field : head.fields) {
    if (field.id == http::FieldId::Traceparent) {
      parent = &field;
      ++parents;
    } else if (field.id == http::FieldId::Tracestate && count < states.size()) {
      states[count++] = field.value;
    }
  }
  const auto theirs = parents == 1 ? telemetry::parse_traceparent(parent->value) : std::nullopt;
  if (theirs) {
    trace_ = *theirs;
    asker_ = theirs->parent_id;
    trace_state_ = telemetry::join_tracestate({states.data(), count}, trace_state_memory_);
    if (tracing.enabled && !tracing.follow) trace_.flags &= telemetry::TraceContext::kRandom;
  } else if (client_id_.empty()) {
    trace_.trace_id = generated_id_;  // random, too: one name is enough
  } else {
    trace_.trace_id = worker_.request_ids.next();
  }
  telemetry::write_hex(worker_.request_ids.random() | 1U, trace_.parent_id);
  if (tracing.enabled && (!theirs || !tracing.follow) &&
      worker_.request_ids.chance() < tracing.sample)
    trace_.flags |= telemetry::TraceContext::kSampled;
  traceparent_ = telemetry::format_traceparent(trace_);
}

void Exchange::take_notes(const http::RequestHead& head) {
  join_trace(head);
  const bool traced = worker_.spans.enabled() && trace_.sampled();
  if (!worker_.access_log.enabled() && !traced) return;
  notes_ = worker_.notes.take();
  notes_->take(head, worker_.access_log.options());
}

/// Tells the log and the trace collector what became of the request.
void Exchange::record(MaybeTrouble trouble, common::TimePoint now) {
  // Without a log an error is told of all the same, by what is known of it then.
  const bool wrong = worker_.recent_errors && (trouble || status_ >= 500);
  if (!notes_ && !wrong) return;
  const auto& series = site_->series->http(client_.listener, route_);
  const auto since_began = [this](common::TimePoint when) {
    return when > began_ ? when - began_ : common::Duration{};
  };
  const telemetry::AccessRecord told{
      .client = origin_.address,
      .listener = series.listener(),
      .version = !client_.version.empty() ? client_.version
                 : minor_version_ == 0    ? "1.0"
                                          : "1.1",
      .method = notes_ ? notes_->method() : std::string_view{},
      .host = notes_ ? notes_->host() : std::string_view{},
      .target = notes_ ? notes_->target() : std::string_view{},
      .status = status_,
      .received_bytes = plan_ == BodyPlan::Held ? held_.size() : body_passed_,
      .sent_bytes = sent_,
      .duration = now - began_,
      .queueing = queued_for_,
      .connecting = connected_in_,
      .until_first_byte = since_began(first_byte_at_),
      .route = series.route(),
      .upstream = upstream_ != nullptr ? std::string_view{upstream_->options().name} : "",
      .endpoint = endpoint_ != nullptr ? std::string_view{endpoint_->name} : "",
      .retries = progress_.attempts > 0 ? progress_.attempts - 1 : 0,
      .request_id = request_id_,
      .trace_id = traceparent_ ? trace_.trace() : std::string_view{},
      .user_agent = notes_ ? notes_->user_agent() : std::string_view{},
      .referer = notes_ ? notes_->referer() : std::string_view{},
      .error = !trouble   ? ""
               : refusal_ ? refusal_->code
                          : refusal_of(*trouble).code};
  if (wrong && telemetry::RecentErrors::is_wanted(told))
    worker_.recent_errors->add(told, common::wall_now());
  if (!notes_) return;
  worker_.access_log.add(told);
  if (worker_.spans.enabled() && trace_.sampled()) worker_.spans.add(span_of(told, now));
  worker_.notes.give_back(std::move(notes_));
}

telemetry::Span Exchange::span_of(const telemetry::AccessRecord& told,
                                  common::TimePoint now) const {
  const auto wall = common::wall_now();
  const auto path = told.target.substr(0, told.target.find('?'));
  return {.context = trace_,
          .parent = asker_,
          .begin = wall - std::chrono::duration_cast<std::chrono::microseconds>(now - began_),
          .end = wall,
          .method = std::string{told.method},
          .host = std::string{told.host},
          .path = std::string{path},
          .route = std::string{told.route},
          .listener = std::string{told.listener},
          .client = told.client.to_string(),
          .upstream = std::string{told.upstream},
          .endpoint = std::string{told.endpoint},
          .request_id = std::string{told.request_id},
          .error = std::string{told.error},
          .status = told.status,
          .retries = told.retries,
          .version = told.version,
          .scheme = origin_.scheme};
}

}  // namespace lb::proxy

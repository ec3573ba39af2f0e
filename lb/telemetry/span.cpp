#include "lb/telemetry/span.hpp"

#include "common/build_info.hpp"
#include "common/json_text.hpp"
#include "lb/telemetry/span_exporter.hpp"

#include <fmt/format.h>
#include <iterator>
#include <string_view>

namespace lb::telemetry {
namespace {

constexpr int kServer = 2;  // SpanKind
constexpr int kError = 2;   // StatusCode
constexpr std::size_t kLongestValue = 512;

class Attributes {
 public:
  explicit Attributes(std::string& out) : out_{out} {}

  Attributes& text(std::string_view key, std::string_view value) {
    if (value.empty()) return *this;
    begin(key);
    out_ += "\"stringValue\":";
    common::append_json_string(out_, value, kLongestValue);
    out_ += "}}";
    return *this;
  }
  /// The mapping of protocol buffers to JSON has 64-bit integers as strings.
  Attributes& number(std::string_view key, std::uint64_t value) {
    begin(key);
    fmt::format_to(std::back_inserter(out_), "\"intValue\":\"{}\"}}}}", value);
    return *this;
  }

 private:
  void begin(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("{\"key\":\"").append(key).append("\",\"value\":{");
  }
  std::string& out_;
  bool first_{true};
};

std::int64_t nanoseconds(common::WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void append_span(std::string& out, const Span& span) {
  const std::string_view parent{span.parent.data(), span.parent.size()};
  out.append("{\"traceId\":\"").append(span.context.trace());
  out.append("\",\"spanId\":\"").append(span.context.parent());
  if (parent.front() != '\0') out.append("\",\"parentSpanId\":\"").append(parent);
  out.append("\",\"name\":");
  common::append_json_string(out, span.method + ' ' + span.route, kLongestValue);
  fmt::format_to(std::back_inserter(out),
                 R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[)",
                 kServer, nanoseconds(span.begin), nanoseconds(span.end));
  Attributes{out}
      .text("http.request.method", span.method)
      .text("url.scheme", span.scheme)
      .text("url.path", span.path)
      .text("http.route", span.route)
      .text("server.address", span.host)
      .text("client.address", span.client)
      .text("network.protocol.version", span.version)
      .number("http.response.status_code", span.status)
      .number("http.request.resend_count", span.retries)
      .text("error.type", span.error)
      .text("lbd.listener", span.listener)
      .text("lbd.upstream", span.upstream)
      .text("lbd.endpoint", span.endpoint)
      .text("lbd.request_id", span.request_id);
  // Of a server only its own failures are errors; a 404 is not.
  fmt::format_to(std::back_inserter(out), "],\"status\":{{{}}}}}",
                 span.status >= 500 || !span.error.empty() ? fmt::format("\"code\":{}", kError)
                                                           : std::string{});
}

}  // namespace

void append_otlp(std::string& out, std::span<const Span> spans, std::string_view service) {
  out += R"({"resourceSpans":[{"resource":{"attributes":[)";
  Attributes{out}.text("service.name", service).text("service.version", common::kVersion);
  out += R"(]},"scopeSpans":[{"scope":{"name":"lbd"},"spans":[)";
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out += ',';
    append_span(out, spans[i]);
  }
  out += "]}]}]}";
}

void SpanLog::add(Span span) {
  if (!exporter_) return;
  if (spans_.size() >= kMostHeld) {
    counters_->spans_dropped.add();
    return;
  }
  spans_.push_back(std::move(span));
  if (spans_.size() >= kHandOverAt) flush();
}

void SpanLog::flush() {
  if (exporter_ && !spans_.empty()) exporter_->offer(spans_);
}

}  // namespace lb::telemetry

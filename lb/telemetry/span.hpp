#pragma once

#include "common/time.hpp"
#include "lb/telemetry/counters.hpp"
#include "lb/telemetry/trace_context.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lb::telemetry {

class SpanExporter;

/// What traces of requests there are.
struct TracingOptions {
  enum class Propagation {
    Participate,  // traceparent is ours: the client's trace goes on, or a new one begins
    Pass,         // traceparent and tracestate pass as any field
  };
  Propagation propagation{Propagation::Participate};
  bool enabled{false};   // spans are sent to `endpoint`
  std::string endpoint;  // http://address:port/path of an OTLP/HTTP collector
  double sample{0.01};   // share of the traces that begin here
  bool follow{true};     // a client's decision to sample holds for us
  std::string service{"lbd"};
  std::chrono::milliseconds timeout{5'000};  // of one call to the collector

  bool operator==(const TracingOptions&) const = default;
};

/// One exchange as a span of kind SERVER. Owns its text: it is written long after the exchange.
struct Span {
  TraceContext context;           // `parent_id` is the span's own
  std::array<char, 16> parent{};  // of whoever asked; all 0 when the trace began here
  common::WallTime begin{};
  common::WallTime end{};
  std::string method, host, path, route, listener, client, upstream, endpoint, request_id, error;
  unsigned status{0};
  unsigned retries{0};
  std::string_view version{"1.1"};  // of HTTP; a literal
  std::string_view scheme{"http"};  // of the client's side; a literal
};

/// Appends an ExportTraceServiceRequest as OTLP/HTTP has it in JSON.
void append_otlp(std::string& out, std::span<const Span> spans, std::string_view service);

/// Spans of one worker, gathered and handed over many at a time.
class SpanLog {
 public:
  static constexpr std::size_t kHandOverAt = 64;
  static constexpr std::size_t kMostHeld = 512;

  SpanLog() = default;  // off
  SpanLog(std::shared_ptr<SpanExporter> exporter, std::shared_ptr<WorkerCounters> counters)
      : exporter_{std::move(exporter)}, counters_{std::move(counters)} {}

  bool enabled() const { return exporter_ != nullptr; }
  void add(Span span);
  /// Call about every second.
  void flush();

 private:
  std::shared_ptr<SpanExporter> exporter_;
  std::shared_ptr<WorkerCounters> counters_;
  std::vector<Span> spans_;
};

}  // namespace lb::telemetry

#pragma once

#include "lb/telemetry/span.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lb::telemetry {

/// Where a collector is asked: `http://host:port/path`.
struct CollectorUrl {
  std::string host;  // a name or an address, without brackets
  std::string port{"4318"};
  std::string path{"/v1/traces"};

  static std::optional<CollectorUrl> parse(std::string_view text);
  bool operator==(const CollectorUrl&) const = default;
};

/// Sends spans to an OTLP/HTTP collector from a thread of its own, many at a time. A collector that
/// is slow or dead costs spans, never a request.
class SpanExporter {
 public:
  static constexpr std::size_t kMostBatches = 32;  // of a worker's spans, that wait
  static constexpr std::size_t kMostTries = 4;     // to deliver one call's spans

  SpanExporter(const TracingOptions& options, std::shared_ptr<ControlCounters> counters);
  /// What waits is sent if the collector takes it at once.
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  /// From any worker; never waits. Takes the spans or leaves them alone.
  void offer(std::vector<Span>& spans);
  /// Whether it sends as these options want it.
  bool serves(const TracingOptions& options) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lb::telemetry

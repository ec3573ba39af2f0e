#include "lb/telemetry/outputs.hpp"

namespace lb::telemetry {

Outputs make_outputs(const Outputs& present, const AccessLogOptions& log,
                     const TracingOptions& tracing,
                     const std::shared_ptr<ControlCounters>& counters) {
  Outputs next;
  if (log.enabled) {
    if (present.access_log && present.access_log->file() == log.file) {
      next.access_log = present.access_log;
      next.access_log->reopen();
    } else {
      next.access_log = std::make_shared<AccessLogWriter>(log, counters);
    }
  }
  if (tracing.enabled) {
    if (present.spans && present.spans->serves(tracing))
      next.spans = present.spans;
    else
      next.spans = std::make_shared<SpanExporter>(tracing, counters);
  }
  return next;
}

}  // namespace lb::telemetry

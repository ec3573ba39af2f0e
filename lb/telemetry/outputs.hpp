#pragma once

#include "lb/telemetry/access_log_writer.hpp"
#include "lb/telemetry/span_exporter.hpp"

#include <memory>

namespace lb::telemetry {

/// Where the lines and spans of all workers go; null where nothing is told.
struct Outputs {
  std::shared_ptr<AccessLogWriter> access_log;
  std::shared_ptr<SpanExporter> spans;
};

/// Outputs as the options want them. Of `present` stays what the options say of it no differently;
/// a log file that stays is opened anew. Throws std::system_error when a new one cannot be opened.
Outputs make_outputs(const Outputs& present, const AccessLogOptions& log,
                     const TracingOptions& tracing,
                     const std::shared_ptr<ControlCounters>& counters);

}  // namespace lb::telemetry

#pragma once

#include "lb/telemetry/counters.hpp"

#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

namespace lb::telemetry {

/// What all workers have counted of HTTP/2, with clients and with endpoints.
void add_http2(std::vector<prometheus::MetricFamily>& out,
               const std::vector<std::shared_ptr<const WorkerCounters>>& workers);

}  // namespace lb::telemetry

#pragma once

#include "vrrpd/daemon/router_task.hpp"

#include <prometheus/collectable.h>

#include <memory>
#include <vector>

namespace vrrp::daemon {

/// Turns the counters of routers and segments into `vrrpd_…` families on every scrape. Both outlive
/// it.
class RouterMetrics : public prometheus::Collectable {
 public:
  RouterMetrics(const std::vector<std::unique_ptr<RouterTask>>& routers,
                const std::vector<std::unique_ptr<Segment>>& segments,
                const notify::Notifier& notifier)
      : routers_{routers}, segments_{segments}, notifier_{notifier} {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::vector<std::unique_ptr<RouterTask>>& routers_;
  const std::vector<std::unique_ptr<Segment>>& segments_;
  const notify::Notifier& notifier_;
};

}  // namespace vrrp::daemon

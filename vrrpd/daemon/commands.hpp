#pragma once

#include "vrrpd/control/control.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/daemon/router_task.hpp"

#include <memory>
#include <vector>

namespace vrrp::daemon {

/// What the operator's door reaches: the routers and segments of this process.
class Commands : public control::Control {
 public:
  /// All of them outlive it.
  Commands(const std::vector<std::unique_ptr<RouterTask>>& routers,
           const std::vector<std::unique_ptr<Segment>>& segments, Memory& memory)
      : routers_{routers}, segments_{segments}, memory_{memory} {}

  /// What an earlier run was told. Before the routers start.
  void recall();

  boost::json::value status() const override;
  control::Outcome hand_over(const std::optional<control::RouterName>& router) override;
  control::Outcome set_maintenance(bool on) override;

 private:
  const std::vector<std::unique_ptr<RouterTask>>& routers_;
  const std::vector<std::unique_ptr<Segment>>& segments_;
  Memory& memory_;
  bool maintenance_{false};
  bool maintenance_lasts_{true};
};

}  // namespace vrrp::daemon

#pragma once

#include "vrrpd/control/control.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/daemon/router_set.hpp"

#include <optional>

namespace vrrp::daemon {

/// What the operator's door reaches: the routers of this process.
class Commands : public control::Control {
 public:
  /// All of them outlive it.
  Commands(RouterSet& routers, Memory& memory) : routers_{routers}, memory_{memory} {}

  /// What an earlier run was told. Before there are routers.
  void recall();

  boost::json::value status() const override;
  control::Outcome hand_over(const std::optional<control::RouterName>& router) override;
  control::Outcome set_maintenance(bool on) override;

 private:
  RouterSet& routers_;
  Memory& memory_;
  bool maintenance_{false};
  bool maintenance_lasts_{true};
};

}  // namespace vrrp::daemon

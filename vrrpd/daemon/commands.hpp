#pragma once

#include "vrrpd/control/control.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/daemon/router_set.hpp"

#include <optional>
#include <string>
#include <string_view>

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
  control::Outcome take_back(const control::RouterName& router) override;
  control::Outcome set_maintenance(bool on) override;

 private:
  /// Carries `step` out on every router that is meant; fails when it does for all of them.
  control::Outcome move(const std::optional<control::RouterName>& name, std::string_view begun,
                        common::Result<void, std::string> (RouterTask::*step)());

  RouterSet& routers_;
  Memory& memory_;
  bool maintenance_{false};
  bool maintenance_lasts_{true};
};

}  // namespace vrrp::daemon

#pragma once

#include "vrrpd/hostcheck/rules.hpp"

namespace vrrp::hostcheck {

/// A router, its interface if there is one, and where findings go.
struct Subject {
  const daemon::RouterOptions& router;
  const SeenInterface* interface;
  const Observed& observed;
  std::vector<Finding>& findings;

  std::string name() const { return router.interface + '/' + std::to_string(router.vrid.value); }
  void find(Severity severity, std::string rule, std::string wrong, std::string right) const;
};

/// What this host alone shows: interfaces, networks, sysctls, the kernel.
void judge_host(const Subject& subject);
/// What the LAN showed: other routers, other owners.
void judge_lan(const Subject& subject);

/// Whether an address of `interface`, none of `router`'s own, is in the network of `address`.
bool has_network_of(const SeenInterface& interface, const common::PrefixedAddress& address,
                    const daemon::RouterOptions& router);

}  // namespace vrrp::hostcheck

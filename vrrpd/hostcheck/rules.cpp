#include "vrrpd/hostcheck/rules.hpp"

#include "vrrpd/hostcheck/rules_parts.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::hostcheck {

void Subject::find(Severity severity, std::string rule, std::string wrong,
                   std::string right) const {
  Finding found{severity, std::move(rule), name(), std::move(wrong), std::move(right)};
  if (std::ranges::find(findings, found) == findings.end()) findings.push_back(std::move(found));
}

bool has_network_of(const SeenInterface& interface, const common::PrefixedAddress& address,
                    const daemon::RouterOptions& router) {
  return std::ranges::any_of(interface.link.addresses, [&](const auto& own) {
    const bool is_virtual =
        std::ranges::find(router.addresses, own.ip, &common::PrefixedAddress::ip) !=
        router.addresses.end();
    return !is_virtual && own.contains(address.ip);
  });
}

std::vector<Finding> judge(const daemon::Options& options, const Observed& observed) {
  std::vector<Finding> findings;
  for (const auto& capability : observed.missing_capabilities)
    findings.push_back(
        {Severity::Error, "missing_capability", "", capability + " is missing",
         "root, or AmbientCapabilities of the unit; a look at the LAN needs it, too"});
  for (const auto& router : options.routers) {
    const auto found =
        std::ranges::find(observed.interfaces, router.interface, &SeenInterface::name);
    const bool there = found != observed.interfaces.end();
    const Subject subject{router, there ? &*found : nullptr, observed, findings};
    judge_host(subject);
    if (there) judge_lan(subject);
  }
  return findings;
}

}  // namespace vrrp::hostcheck

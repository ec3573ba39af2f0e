#pragma once

#include "vrrpd/daemon/router_options.hpp"
#include "vrrpd/hostcheck/observed.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vrrp::hostcheck {

enum class Severity : std::uint8_t {
  Warning,  // it works, but perhaps not as it is meant to
  Error,    // it cannot work
};

struct Finding {
  Severity severity{Severity::Warning};
  std::string rule;   // `vrid_clash`: the same over releases
  std::string about;  // `out0/51`, `out0`; empty: the host
  std::string wrong;
  std::string right;  // what to do

  bool operator==(const Finding&) const = default;
};

/// What will surprise the person who starts vrrpd with `options` on a host that looks like this. In
/// the order of the routers; nothing twice.
std::vector<Finding> judge(const daemon::Options& options, const Observed& observed);

}  // namespace vrrp::hostcheck

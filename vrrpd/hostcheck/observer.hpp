#pragma once

#include "vrrpd/daemon/router_options.hpp"
#include "vrrpd/hostcheck/observed.hpp"

namespace vrrp::hostcheck {

/// The longest look; routers with intervals above a third of it may be missed.
inline constexpr std::chrono::milliseconds kLongestLook{4000};

/// Looks at this host, listens on the routers' interfaces for three of their longest intervals and
/// asks the LAN who has their addresses. Waits for that long; changes nothing, and no neighbour
/// learns anything: the questions bear no address.
Observed observe(const daemon::Options& options);

}  // namespace vrrp::hostcheck

#pragma once

#include "common/time.hpp"
#include "vrrpd/packet/types.hpp"

namespace vrrp::election {

/// How long a Backup of `priority` yields to higher ones once the Active Router is silent. RFC 9568
/// §6.1. Exact: in whole centiseconds it would be 0 for every priority at an interval of 10 ms, and
/// the order among Backups lost.
/// VRRPv2 (RFC 3768 §6.1) knows a part of one second, whatever the interval.
common::Duration skew_time(Priority priority, Centiseconds active_adver_interval,
                           Version version = Version::V3);

/// Silence after which a Backup Router declares the Active Router down. RFC 9568 §6.1.
/// `active_adver_interval` is the one last heard from the Active Router, not ours: they may differ.
common::Duration active_down_interval(Priority priority, Centiseconds active_adver_interval,
                                      Version version = Version::V3);

/// The interval to go by when a peer says `heard`: its own, or `own` when it is not within
/// own/4..own*4.
Centiseconds learned_interval(Centiseconds heard, Centiseconds own);

}  // namespace vrrp::election

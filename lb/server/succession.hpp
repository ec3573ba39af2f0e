#pragma once

#include "lb/net/descriptor.hpp"
#include "lb/upstream/roster.hpp"

#include <string>
#include <string_view>

namespace lb::server {

/// What the process after us cannot read in the configuration and should not have to learn anew, as
/// JSON: which endpoints the checks have taken out, and what the operator has ordered at run time.
/// How real traffic was served (ejections, circuits) is not in it: that is soon learnt, and old
/// soon.
std::string endpoints_for_successor(const upstream::Roster& roster);

/// Takes over what the process before us knew, as far as the endpoints are still there. Text of
/// another release may know more or less: what is not understood is left out.
void take_over_endpoints(std::string_view text, upstream::Roster& roster, common::TimePoint now);

/// A file without a name that holds `text`; none when the kernel has no room for it.
net::Descriptor in_memory(std::string_view text);
/// All that is in it, up to kMostHandedOver octets.
std::string content_of(const net::Descriptor& file);
inline constexpr std::size_t kMostHandedOver = 4U << 20U;

}  // namespace lb::server

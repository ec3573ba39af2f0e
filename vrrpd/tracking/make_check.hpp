#pragma once

#include "vrrpd/tracking/check.hpp"

namespace vrrp::programs {
class Runner;
}

namespace vrrp::tracking {

/// The check for what `options.target` is.
std::unique_ptr<Check> make_check(boost::asio::io_context& context, const TrackOptions& options,
                                  programs::Runner* programs, Check::OnFinding on_finding);

}  // namespace vrrp::tracking

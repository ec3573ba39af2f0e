#pragma once

#include "common/admin_client.hpp"
#include "vrrpd/ctl/arguments.hpp"

namespace vrrp::ctl {

/// A practised failover: the addresses go to a peer, stay there for `--stay`, and come back; then a
/// report. Refused when it would be none or would hurt somebody. A signal ends the stay, not the
/// way back.
Exit drill(const Arguments& arguments, const common::AdminClient& client);

}  // namespace vrrp::ctl

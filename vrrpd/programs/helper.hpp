#pragma once

#include "common/result.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <string>

namespace vrrp::programs {

/// Makes the helper process that runs programs, and returns our end of the socket to it. Before any
/// thread is made and any privilege is given away: root becomes `user` there, and every capability
/// is gone. The error is a sentence. The helper leaves when our end is closed.
common::Result<link::Descriptor, std::string> start_helper(const std::string& user);

}  // namespace vrrp::programs

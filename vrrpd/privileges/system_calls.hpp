#pragma once

#include <optional>
#include <string>

namespace vrrp::privileges {

struct SandboxOptions {
  bool seccomp{true};  // the filter below

  bool operator==(const SandboxOptions&) const = default;
};

/// After `drop_capabilities` and after the helper was made: from now on this process makes only the
/// system calls that vrrpd and its libraries need (seccomp(2)). It executes nothing, makes no
/// process, no namespace, and no socket of another family. A forbidden call fails with EPERM and is
/// audited; the process is not killed for it, since an outage would be all that it brings. The
/// sentence when the kernel takes no filter.
std::optional<std::string> restrict_system_calls();

}  // namespace vrrp::privileges

#pragma once

namespace vrrp::privileges {

/// Takes the pages of programs and libraries out of this process's memory; those that are used
/// after the start come back from the kernel's page cache as they are needed, some microseconds
/// each. Nothing happens to what `lock_memory` has locked.
void release_startup_pages();

}  // namespace vrrp::privileges

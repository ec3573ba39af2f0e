#pragma once

namespace common {

/// For a daemon with something to do that must not wait for a log's reader which has fallen behind,
/// or hangs: lines are lost meanwhile, and the first one that is taken again is preceded by how
/// many were. Before `start_logging`.
void log_without_waiting();

}  // namespace common

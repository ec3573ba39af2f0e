#pragma once

#include "app/dbctl/config/options.hpp"
#include "app/pair/seen.hpp"

namespace booking::dbctl {

/// Asks one node for everything the rules want to know; one that does not answer is seen as such.
pair::NodeSeen observe(const NodeOptions& node, const Options& options);
/// Both nodes at the same time, and the record.
pair::PairSeen observe_pair(const Options& options);

/// How far back the log of what can be written to reaches: for rejoin.
void observe_logs(pair::PairSeen& seen, const Options& options);

}  // namespace booking::dbctl

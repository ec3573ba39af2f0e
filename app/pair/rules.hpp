#pragma once

#include "app/pair/plan.hpp"

#include <string>

namespace booking::pair {

/// The node that may be written to; nothing when there is none, or two.
const NodeSeen* writer_of(const PairSeen& seen);
/// Whether the record says so and no node knows of a later term than it.
bool known_in_sync(const PairSeen& seen);

// Each adds one verdict.
void judge_one_writer(Plan& plan, const PairSeen& seen);
void judge_reachable(Plan& plan, const NodeSeen& node);
void judge_settings(Plan& plan, const NodeSeen& node);
void judge_tls(Plan& plan, const NodeSeen& node, bool wanted);
/// Receives and applies without an error.
void judge_replicates(Plan& plan, const NodeSeen& replica, const NodeSeen& source);
/// Whether init_rpl_role can be set for a primary that is alone.
void judge_role(Plan& plan, const NodeSeen& node);

}  // namespace booking::pair

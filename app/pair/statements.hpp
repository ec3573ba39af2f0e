#pragma once

#include "app/pair/planners.hpp"

#include <string>

namespace booking::pair {

inline constexpr const char* kOpen = "SET GLOBAL read_only = OFF";
inline constexpr const char* kClose = "SET GLOBAL read_only = ON";
inline constexpr const char* kWaitForReplica = "SET GLOBAL rpl_semi_sync_master_enabled = ON";
inline constexpr const char* kWaitForNobody = "SET GLOBAL rpl_semi_sync_master_enabled = OFF";
inline constexpr const char* kReplicaStatus = "SHOW SLAVE STATUS";
inline constexpr const char* kLastWritten = "SELECT @@global.gtid_binlog_pos";
inline constexpr const char* kLastApplied = "SELECT @@global.gtid_slave_pos";

/// Makes the node a replica of `source`. `was_primary`: what it wrote itself counts as applied.
std::string follow(const NodeSeen& source, const Terms& terms, bool was_primary);
/// Adds the next term to mainstay.cluster_epoch.
std::string begin_epoch(std::uint64_t number, const NodeSeen& writer, const char* reason);
/// Yields 0 once the node has applied `position`.
std::string wait_for(const std::string& position, std::chrono::milliseconds limit);

// Runs of steps that several plans share.

/// `node` follows `source`, is connected and applies.
void add_follow(Plan& plan, const NodeSeen& node, const NodeSeen& source, const Terms& terms,
                bool was_primary);
/// Semi-sync on, everything acknowledged so far on both, and only then written down.
void add_sync(Plan& plan, const NodeSeen& source, const NodeSeen& replica, const Terms& terms,
              const Record& record);
/// A restarted server is closed: one that is open has taken nothing back since it was opened.
Step& add_still_open(Plan& plan, const NodeSeen& node, const char* why);
/// Written down that `writer` acknowledges alone, and that a crash takes nothing of that back.
void add_alone(Plan& plan, const NodeSeen& writer, std::uint64_t epoch, const char* why);
/// What the server does with commits that nobody acknowledged when it is started after a crash:
/// MASTER keeps them (a primary alone: they are acknowledged), SLAVE takes them back (a pair in
/// sync: they are not). Nothing for a node without a command.
Step* add_role(Plan& plan, const NodeSeen& node, const char* role);
Step& add_note(Plan& plan, const Record& record, std::string why);
/// The same for a term whose writer is still closed; `position` is the name of a captured value.
Step& add_note_closed(Plan& plan, const Record& record, const char* position, std::string why);

}  // namespace booking::pair

#pragma once

#include "app/pair/gtid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace booking::pair {

/// The pair's term, kept in the table mainstay.cluster_epoch of the database itself: one row for
/// each time the writable node was chosen. Who sees a higher one refuses what claims a lower one.
struct Epoch {
  std::uint64_t number{0};
  std::uint32_t writer{0};  // server_id of the node that may be written to
  bool operator==(const Epoch&) const = default;
};

/// What dbctl wrote down outside of the database, before it did it: who is written to, and whether
/// everything acknowledged is on both nodes. The word of a dead primary's replica is not enough: it
/// does not know that the primary went on without it.
struct Record {
  std::uint64_t epoch{0};
  std::string writer;  // the node's name
  bool in_sync{false};
  /// Both nodes are closed since this position, and the writer of this epoch has not been opened
  /// yet: whoever has all up to here has everything that was acknowledged.
  std::optional<GtidPosition> closed_at{};
  bool operator==(const Record&) const = default;
};

/// A node as a replica: SHOW SLAVE STATUS.
struct Applier {
  std::string source_host{};
  std::uint16_t source_port{0};
  bool receiving{false};    // IO thread is there, connected or trying to be
  bool connected{false};    // IO thread is connected to its source
  bool applying{false};     // SQL thread runs
  bool heard{true};         // anything of its source since the threads were started
  GtidPosition received{};  // Gtid_IO_Pos
  std::string receive_error{};
  std::string apply_error{};
  std::optional<std::uint64_t> seconds_behind{};
  bool by_gtid{true};
};

/// One node as it answered, or did not.
struct NodeSeen {
  std::string name;
  std::string host;  // as in the configuration, and so in a replica's source
  std::uint16_t port{0};
  bool has_command{false};  // dbctl can have things done on its machine: kill, replay, copy
  bool reachable{false};
  std::string why;  // not reachable

  std::uint32_t server_id{0};
  std::string version;
  bool read_only{true};
  GtidPosition written;  // gtid_binlog_pos: the last of its binary log
  GtidPosition applied;  // gtid_slave_pos
  GtidState log;         // gtid_binlog_state
  /// Where its oldest binary log begins; empty: it has everything from the start.
  GtidPosition oldest;
  bool waits_for_replica{false};  // rpl_semi_sync_master_enabled
  bool waits_by_file{false};      // and that from its option file, not by dbctl since it started
  bool semi_sync{false};          // Rpl_semi_sync_master_status: commits do wait
  std::uint32_t semi_sync_replicas{0};
  std::optional<Applier> applier;
  /// The last whole transaction in the relay log. Read only where both threads rest: what is there
  /// may be acknowledged and nowhere else, and START SLAVE would delete it.
  GtidPosition relay_end;
  std::optional<Gtid> relay_first{};  // and the first that stands there
  bool relay_broken{false};  // it ends within an event, or is damaged: more may have been received
  std::map<std::string, std::string> settings;  // variables that settings.hpp asks for
  Epoch epoch;                                  // the highest in its table; 0 without one
  std::uint64_t tables{0};                      // of the application's database
  bool out_of_room{false};  // a thread waits for room on the disk: commits, or what is received

  bool writable() const { return reachable && !read_only; }
  /// All it has carried out.
  GtidPosition position() const { return written.joined(applied); }
  /// All it has, carried out or only received.
  GtidPosition holds() const;
  /// Both threads rest, as after the server's start: what stands in the relay log is not applied.
  bool rests() const { return applier && !applier->receiving && !applier->applying; }
  /// Its relay log goes on later than where it has come to: a crash took back, of what was applied
  /// or its own, more than the relay log still has. Replayed, there would be a hole.
  bool has_hole() const;
  bool replicates_from(const NodeSeen& source) const;
};

struct PairSeen {
  std::vector<NodeSeen> nodes;  // two
  std::optional<Record> record;

  const NodeSeen* find(const std::string& name) const;
  const NodeSeen& other(const NodeSeen& node) const;
  std::vector<const NodeSeen*> writable() const;
  /// The highest epoch anybody knows.
  std::uint64_t epoch() const;
};

}  // namespace booking::pair

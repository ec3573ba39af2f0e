#pragma once

#include "app/pair/seen.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace booking::pair::testing {

using Random = std::mt19937_64;

struct Transaction {
  Gtid gtid;
  std::uint64_t write{0};  // of a client; 0: none
  Epoch epoch{};           // begun by it; 0: none
  bool committed{true};    // not: in the binary log, waiting for the replica
};

/// A MariaDB server as far as a pair depends on it: binary log, relay log, semi-synchronous commits
/// (AFTER_SYNC), and what a crash does to each.
class Server {
 public:
  Server(std::string name, std::uint32_t id) : name_{std::move(name)}, id_{id} {}

  // Its life.
  bool up() const { return up_; }
  unsigned life() const { return life_; }
  void crash() { up_ = false; }
  /// As its option files say: closed, nothing runs. init_rpl_role = SLAVE takes back what was not
  /// committed, and what was and had not come to the disk yet; MASTER keeps all.
  void start();
  void set_role(bool master) { keeps_all_ = master; }

  // Statements.
  bool writable() const { return up_ && !read_only_; }
  bool close();  // waits for commits under way, and gives up
  void flush() { on_disk_ = log_.size(); }
  void open() { read_only_ = false; }
  void wait_for_replica(bool on, std::set<std::uint64_t>& acknowledged);
  void follow(const std::string& source);
  void start_replica();
  void start_applier();
  void stop_receiver();
  void stop_replica();
  void forget_source();
  /// False while it waits for a replica; then it is in the log all the same.
  bool commit(std::uint64_t write, Epoch epoch, std::set<std::uint64_t>& acknowledged);
  void replay();
  void copy(const Server& source);

  /// Receives some, acknowledges, applies some.
  void replicate(Server& source, Random& random, std::set<std::uint64_t>& acknowledged);

  // What it says of itself.
  const std::string& name() const { return name_; }
  std::string host() const { return "10.0.0." + std::to_string(id_); }
  NodeSeen seen(const Server& other) const;
  GtidPosition written() const;
  GtidPosition received() const;
  const char* receiver(const Server& source) const;  // Slave_IO_Running
  unsigned acknowledging(const Server& other) const;
  std::set<std::uint64_t> writes() const;
  const std::vector<Transaction>& log() const { return log_; }

 private:
  std::uint64_t last() const { return log_.empty() ? 0 : log_.back().gtid.sequence; }
  std::uint64_t last_received() const;
  bool has(const Gtid& gtid) const;

  std::string name_;
  std::uint32_t id_;
  bool up_{true};
  unsigned life_{1};
  bool keeps_all_{false};
  bool read_only_{true};
  bool waits_{false};
  std::vector<Transaction> log_;
  std::size_t on_disk_{0};  // so many of the log survive any crash
  std::string source_;      // of replication; empty: none
  bool receives_{false};
  bool applies_{false};
  bool heard_{true};
  std::vector<Transaction> relay_;
};

}  // namespace booking::pair::testing

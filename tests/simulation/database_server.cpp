#include "tests/simulation/database_server.hpp"

#include "app/pair/settings.hpp"

#include <algorithm>

namespace booking::pair::testing {
namespace {

GtidPosition position(const Gtid& gtid) {
  return gtid.sequence == 0 ? GtidPosition{} : *GtidPosition::parse(gtid.to_string());
}

}  // namespace

void Server::start() {
  up_ = true;
  ++life_;
  read_only_ = true;
  waits_ = receives_ = applies_ = false;
  heard_ = true;
  if (!keeps_all_) {
    log_.resize(std::min(log_.size(), on_disk_));
    std::erase_if(log_, [](const Transaction& t) { return !t.committed; });
  }
  for (auto& transaction : log_) transaction.committed = true;
  on_disk_ = log_.size();
}

bool Server::close() {
  if (std::ranges::any_of(log_, [](const Transaction& t) { return !t.committed; })) return false;
  read_only_ = true;
  return true;
}

void Server::wait_for_replica(bool on, std::set<std::uint64_t>& acknowledged) {
  waits_ = on;
  if (on) return;
  for (auto& transaction : log_) {
    if (!transaction.committed && transaction.write != 0) acknowledged.insert(transaction.write);
    transaction.committed = true;
  }
}

void Server::follow(const std::string& source) {
  source_ = source;
  relay_.clear();
}

void Server::start_replica() {
  if (!receives_ && !applies_) {
    relay_.clear();  // the trap
    heard_ = false;
  }
  receives_ = applies_ = true;
}

void Server::start_applier() {
  if (!receives_ && !applies_) relay_.clear();
  applies_ = true;
}

void Server::stop_receiver() { receives_ = false; }

void Server::stop_replica() { receives_ = applies_ = false; }

void Server::forget_source() {
  source_.clear();
  relay_.clear();
}

bool Server::commit(std::uint64_t write, Epoch epoch, std::set<std::uint64_t>& acknowledged) {
  // Its own preparation brings all commits before it to the disk.
  on_disk_ = log_.size();
  log_.push_back({{0, id_, last() + 1}, write, epoch, !waits_});
  if (waits_) return false;
  if (write != 0) acknowledged.insert(write);
  return true;
}

void Server::replay() {
  for (const auto& transaction : relay_)
    if (transaction.gtid.sequence > last()) log_.push_back(transaction);
}

void Server::copy(const Server& source) {
  log_ = source.log_;
  std::erase_if(log_, [](const Transaction& t) { return !t.committed; });
  on_disk_ = log_.size();
  forget_source();
  stop_replica();
  up_ = true;
  ++life_;
  read_only_ = true;
  waits_ = false;
}

void Server::replicate(Server& source, Random& random, std::set<std::uint64_t>& acknowledged) {
  if (!up_ || source_ != source.name_) return;
  if (receives_ && source.up_) {
    heard_ = true;
    const auto mine =
        relay_.empty() ? (log_.empty() ? Gtid{} : log_.back().gtid) : relay_.back().gtid;
    if (mine.sequence != 0 && !source.has(mine)) {
      receives_ = false;  // 1236: the source has no such transaction
      return;
    }
    auto room = random() % 4;
    for (auto& transaction : source.log_) {
      if (transaction.gtid.sequence <= last_received()) continue;
      if (room-- == 0) break;
      relay_.push_back(transaction);
      relay_.back().committed = true;
    }
    for (auto& transaction : source.log_) {
      if (transaction.committed || transaction.gtid.sequence > last_received()) continue;
      transaction.committed = true;
      if (transaction.write != 0) acknowledged.insert(transaction.write);
    }
  }
  if (!applies_) return;
  auto room = random() % 4;
  for (const auto& transaction : relay_) {
    if (transaction.gtid.sequence <= last()) continue;
    if (room-- == 0) break;
    log_.push_back(transaction);
    on_disk_ = log_.size();
  }
  // What is applied is deleted once another file is begun.
  if (random() % 4 == 0)
    std::erase_if(relay_, [this](const Transaction& t) { return t.gtid.sequence <= last(); });
}

NodeSeen Server::seen(const Server& other) const {
  NodeSeen out;
  out.name = name_;
  out.host = host();
  out.port = 3306;
  out.has_command = true;
  out.why = "down";
  if (!up_) return out;
  out.reachable = true;
  out.server_id = id_;
  out.read_only = read_only_;
  out.written = written();
  if (!source_.empty()) out.applied = out.written;
  std::string state;
  for (const auto id : {31U, 32U}) {
    const auto newest = std::ranges::find(log_.rbegin(), log_.rend(), id,
                                          [](const Transaction& t) { return t.gtid.server; });
    if (newest != log_.rend()) state += (state.empty() ? "" : ",") + newest->gtid.to_string();
  }
  out.log = *GtidState::parse(state);
  out.waits_for_replica = out.semi_sync = waits_;
  out.semi_sync_replicas = acknowledging(other);
  if (!source_.empty()) {
    Applier applier;
    applier.source_host = other.host();
    applier.source_port = 3306;
    applier.receiving = receives_;
    applier.connected = receives_ && other.up_;
    applier.applying = applies_;
    applier.heard = heard_;
    applier.received = receives_ || applies_ ? received() : written();
    applier.seconds_behind = 0;
    out.applier = applier;
    if (out.rests() && !relay_.empty()) {
      out.relay_end = position(relay_.back().gtid);
      out.relay_first = relay_.front().gtid;
    }
  }
  for (const auto& needed : needed_settings())
    out.settings[std::string{needed.name}] = std::string{needed.value};
  out.settings["rpl_semi_sync_master_timeout"] = "3600000";
  out.settings["have_ssl"] = "YES";
  for (const auto& transaction : log_)
    if (transaction.committed && transaction.epoch.number != 0) out.epoch = transaction.epoch;
  out.tables = log_.empty() ? 0 : 1;
  return out;
}

GtidPosition Server::written() const {
  return log_.empty() ? GtidPosition{} : position(log_.back().gtid);
}

GtidPosition Server::received() const {
  return relay_.empty() ? written() : written().joined(position(relay_.back().gtid));
}

const char* Server::receiver(const Server& source) const {
  if (!receives_ || source_.empty()) return "No";
  return source.up_ ? "Yes" : "Connecting";
}

unsigned Server::acknowledging(const Server& other) const {
  return other.up_ && other.source_ == name_ && other.receives_ ? 1 : 0;
}

std::set<std::uint64_t> Server::writes() const {
  std::set<std::uint64_t> out;
  for (const auto& transaction : log_)
    if (transaction.committed && transaction.write != 0) out.insert(transaction.write);
  return out;
}

std::uint64_t Server::last_received() const {
  return std::max(last(), relay_.empty() ? 0 : relay_.back().gtid.sequence);
}

bool Server::has(const Gtid& gtid) const {
  return std::ranges::find(log_, gtid, &Transaction::gtid) != log_.end();
}

}  // namespace booking::pair::testing

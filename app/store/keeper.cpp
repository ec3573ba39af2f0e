#include "app/store/keeper.hpp"

#include "app/store/migrations.hpp"
#include "app/store/row_values.hpp"
#include "app/store/work_pool.hpp"
#include "common/log.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{1000};
/// A schema change may rebuild a table.
constexpr std::chrono::seconds kMigrationTimeout{600};

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

}  // namespace

Keeper::Keeper(Cluster& cluster, const MariadbOptions& options)
    : cluster_{cluster},
      options_{options},
      readiness_{.reasons = {"the database has not been looked at yet"}},
      thread_{[this] { run(); }} {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }
  stop_there_.notify_all();
}

Readiness Keeper::readiness() const {
  const std::lock_guard lock{mutex_};
  return readiness_;
}

std::unique_ptr<Session> Keeper::open(common::TimePoint /*deadline*/) {
  if (schema_ == Schema::Unknown) throw NoNode{Errc::Unavailable, "no database was seen yet"};
  if (schema_ == Schema::Wrong) throw NoNode{Errc::SchemaMismatch, "the schema is not ours"};
  try {
    return cluster_.open_writable();
  } catch (const NoWritableNode& error) {
    throw SqlError{Trouble::Broken, error.what()};  // tried again as far as the deadline goes
  }
}

void Keeper::run() {
  block_signals();
  auto pause = kFirstPause;  // while not ready: soon, then less often
  auto step = pause;
  do {
    auto found = look();
    step = found.ready() ? options_.probe_interval : pause;
    pause = found.ready() ? kFirstPause : std::min(pause * 2, kLongestPause);
    publish(found);
  } while (wait(step));
  release();
}

Readiness Keeper::look() {
  try {
    if (connection_) check_connection();
    if (!connection_) hold(cluster_.open_writable());
    if (!schema_checked_) bring_schema_up_to_date();
    Readiness found{
        .reachable = true, .schema_ok = mismatch_.empty(), .writable = true, .reasons = {}};
    if (!mismatch_.empty()) found.reasons.push_back(mismatch_);
    return found;
  } catch (const NoWritableNode& error) {
    return {.reachable = error.reachable(), .reasons = error.reasons()};
  } catch (const SqlError& error) {
    const bool broken = error.trouble() == Trouble::Broken;
    release();
    return {.reachable = !broken, .writable = !broken, .reasons = {error.what()}};
  }
}

/// Lets go of a connection that broke or whose node was demoted, and has the lanes doubt theirs. A
/// broken connection alone says nothing of the database: only a new one that cannot be made does.
void Keeper::check_connection() {
  try {
    if (cluster_.is_current(*connection_)) return;
  } catch (const SqlError& error) {
    kLog.debug("the probe's connection broke", {{"why", error.what()}});
  }
  cluster_.doubt();
  release();
}

void Keeper::bring_schema_up_to_date() {
  hold(cluster_.open_writable(kMigrationTimeout));
  const auto mismatch =
      booking::store::bring_schema_up_to_date(*connection_, micros(common::wall_now()));
  mismatch_ = mismatch.value_or("");
  schema_ = mismatch ? Schema::Wrong : Schema::Right;
  hold(cluster_.open_writable());  // probes are short again
  schema_checked_ = !mismatch;
}

void Keeper::hold(std::unique_ptr<Session> connection) {
  release();
  connection_ = std::move(connection);
  const std::lock_guard lock{mutex_};
  socket_ = connection_->socket();
  if (stopping_) ::shutdown(socket_, SHUT_RDWR);  // it was being opened when that was said
}

void Keeper::release() {
  {
    const std::lock_guard lock{mutex_};
    socket_ = -1;
  }
  connection_.reset();
  schema_checked_ = false;
}

void Keeper::publish(const Readiness& found) {
  bool changed = false;
  {
    const std::lock_guard lock{mutex_};
    changed = found.ready() != readiness_.ready() || found.reasons != readiness_.reasons;
    readiness_ = found;
  }
  if (!changed) return;
  if (found.ready())
    kLog.info("the database is ready", {{"node", connection_->name()}});
  else
    kLog.warn("the database is not ready", {{"why", joined(found.reasons)}});
}

bool Keeper::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  return !stop_there_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace booking::store

#include "app/store/keeper.hpp"

#include "app/store/migrations.hpp"
#include "app/store/row_values.hpp"
#include "app/store/work_pool.hpp"
#include "common/log.hpp"

#include <algorithm>
#include <exception>
#include <sys/socket.h>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};

constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr std::chrono::milliseconds kTwoForSure{1000};
/// A replica notices that its primary fell silent after slave_net_timeout, 4 s in pair.cnf: what
/// it says sooner is no sign that the primary lives.
constexpr std::chrono::seconds kCutOffForSure{6};
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
      readiness_{.reasons = {"the database has not been looked at yet"}} {
  for (std::size_t i = 0; i < options.nodes.size(); ++i)
    scouts_.push_back(std::make_unique<Scout>(cluster, options, i));
  thread_ = std::jthread{[this] { run(); }};
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }
  stop_there_.notify_all();
  cluster_.close();
  thread_.join();  // before the scouts, whom it watches
}

Readiness Keeper::readiness() const {
  const std::lock_guard lock{mutex_};
  return readiness_;
}

void Keeper::require_schema(bool to_write) const {
  if (schema_ == Schema::Unknown) throw NoNode{Errc::Unavailable, "no database was seen yet"};
  if (schema_ == Schema::Wrong) throw NoNode{Errc::SchemaMismatch, "the schema is not ours"};
  if (to_write && schema_checked_ != cluster_.writes().now)
    throw SqlError{Trouble::Broken, "the schema was not looked at yet"};
}

void Keeper::run() {
  block_signals();
  do {
    const auto now = common::Clock::now();
    for (const auto& scout : scouts_) scout->watch(now);
    const auto choice = cluster_.choice();
    tell_of_two(choice, now);
    publish(look(choice, now), choice);
  } while (wait(kBetweenLooks));
  release();
}

Readiness Keeper::look(const Choice& choice, common::TimePoint now) {
  Readiness found{.reachable = choice.reachable,
                  .writable = choice.writer.has_value(),
                  .readable = choice.writer.has_value() || !choice.readers.empty(),
                  .cut_off = cut_off(choice, now),
                  .reasons = choice.reasons};
  try {
    if (choice.writer && schema_checked_ != cluster_.writes().now)
      bring_schema_up_to_date();
    else if (!choice.writer && !choice.readers.empty() && schema_ == Schema::Unknown)
      look_at_schema();
  } catch (const std::exception& error) {
    release();
    found.writable = false;
    found.reasons.emplace_back(error.what());
  }
  found.schema_ok = schema_ == Schema::Right;
  if (!mismatch_.empty()) found.reasons.push_back(mismatch_);
  if (found.cut_off)
    found.reasons.emplace_back("a replica hears from its primary: it is away from here only");
  return found;
}

/// Two looks that crossed a change are no two writers; two that stay are.
void Keeper::tell_of_two(const Choice& choice, common::TimePoint now) {
  if (choice.writable < 2) {
    two_since_.reset();
    two_told_ = false;
    return;
  }
  if (!two_since_) two_since_ = now;
  if (two_told_ || now - *two_since_ < kTwoForSure) return;
  two_told_ = true;
  kLog.error("more than one database node takes writes", {{"why", joined(choice.reasons)}});
}

/// Whoever else reaches the primary should have the requests, once it is known to live.
bool Keeper::cut_off(const Choice& choice, common::TimePoint now) {
  if (!choice.primary_lives) {
    cut_since_.reset();
    return false;
  }
  if (!cut_since_) cut_since_ = now;
  return now - *cut_since_ >= kCutOffForSure;
}

void Keeper::bring_schema_up_to_date() {
  const auto generation = cluster_.writes().now;
  hold(cluster_.open_writable(kMigrationTimeout));
  const auto mismatch =
      booking::store::bring_schema_up_to_date(*connection_, micros(common::wall_now()));
  release();
  mismatch_ = mismatch.value_or("");
  schema_ = mismatch ? Schema::Wrong : Schema::Right;
  if (!mismatch) schema_checked_ = generation;
}

/// Started while nobody is written to: a schema that needs nothing is good for reading.
void Keeper::look_at_schema() {
  hold(cluster_.open_readable());
  if (schema_is_up_to_date(*connection_)) schema_ = Schema::Right;
  release();
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
}

void Keeper::publish(const Readiness& found, const Choice& choice) {
  const auto writer =
      choice.writer && found.writable ? options_.nodes[*choice.writer].to_string() : std::string{};
  bool changed = writer != writer_;
  {
    const std::lock_guard lock{mutex_};
    changed = changed || found.ready() != readiness_.ready() || found.reasons != readiness_.reasons;
    readiness_ = found;
  }
  writer_ = writer;
  if (!changed) return;
  if (found.ready() && !writer.empty())
    kLog.info("the database is ready", {{"node", writer}, {"but", joined(found.reasons)}});
  else
    kLog.warn(choice.writer || choice.readers.empty()
                  ? "the database is not ready"
                  : "no database node is written to: writes are held, a replica is read",
              {{"why", joined(found.reasons)}});
}

bool Keeper::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  return !stop_there_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace booking::store

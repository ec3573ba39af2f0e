#include "app/store/cluster.hpp"

#include <algorithm>

namespace booking::store {
namespace {

/// So long a replica may take to come to what was written; in seconds, as its function wants it.
constexpr const char* kCatchUp = "0.5";

[[noreturn]] void fail(const std::vector<std::string>& reasons) {
  std::string text{"no database node"};
  for (const auto& reason : reasons) text += "; " + reason;
  throw SqlError{Trouble::Broken, text};
}

}  // namespace

Standing standing_of(Session& session) {
  const std::string position = session.position_variable();
  const auto self = session.query(
      ("SELECT @@global.read_only, @@global.server_id, " + (position.empty() ? "''" : position))
          .c_str());
  Standing standing{.read_only = self.at(0).integer(0) != 0, .position = self.at(0).text(2)};
  if (standing.read_only) {
    // ON while both threads run and the primary is connected. Everybody may ask; MySQL 9 has none.
    const auto follows = session.query("SHOW GLOBAL STATUS LIKE 'Slave_running'");
    standing.follows = !follows.empty() && follows.front().text(1) == "ON";
  }
  try {
    const auto newest = session.query(
        "SELECT epoch, writer_id FROM mainstay.cluster_epoch ORDER BY epoch DESC LIMIT 1");
    if (!newest.empty()) {
      standing.epoch = newest.front().integer(0);
      standing.named = newest.front().integer(1) == self.front().integer(1);
    }
  } catch (const SqlError& error) {
    if (error.trouble() != Trouble::Missing) throw;  // a pair that dbctl does not look after
  }
  return standing;
}

Cluster::Cluster(const MariadbOptions& options) : options_{options} {
  for (const auto& node : options.nodes) nodes_.push_back({.name = node.to_string()});
  choice_ = choose(nodes_, highest_);
}

void Cluster::tell(std::size_t node, NodeView::State state, Standing standing, std::string why) {
  const std::lock_guard lock{mutex_};
  highest_ = std::max(highest_, standing.epoch);
  auto& view = nodes_.at(node);
  view.state = state;
  view.standing = std::move(standing);
  view.why = std::move(why);
  update();
}

void Cluster::tell_silent(std::size_t node) {
  const std::lock_guard lock{mutex_};
  if (nodes_.at(node).state != NodeView::State::Answers) return;
  nodes_[node].state = NodeView::State::Silent;
  update();
}

/// A choice that is another one ends sessions: those of writes when their node is gone or another
/// one is written to. Where it was only closed its own words say more than a session that breaks.
void Cluster::update() {
  auto next = choose(nodes_, highest_);
  if (next.writer) {
    const auto& position = nodes_[*next.writer].standing.position;
    if (const auto parsed = pair::GtidPosition::parse(position))
      written_ = written_.joined(*parsed);
  }
  const bool moved = next.writer != choice_.writer;
  if (moved) {
    const bool closed =
        choice_.writer && !next.writer && nodes_[*choice_.writer].state == NodeView::State::Answers;
    ++writes_.now;
    if (!closed) writes_.severed = writes_.now;
  }
  const auto reader = [](const Choice& choice) {
    if (!choice.reads_elsewhere) return choice.writer;
    return choice.readers.empty() ? std::nullopt : std::optional{choice.readers.front()};
  };
  if (reader(next) != reader(choice_)) reads_.severed = ++reads_.now;
  choice_ = std::move(next);
}

void Cluster::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  const auto before = doubts_;
  look_there_.wait_for(lock, pause, [&] { return closed_ || doubts_ != before; });
}

void Cluster::doubt() {
  {
    const std::lock_guard lock{mutex_};
    ++doubts_;
  }
  look_there_.notify_all();
}

void Cluster::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  look_there_.notify_all();
}

Choice Cluster::choice() const {
  const std::lock_guard lock{mutex_};
  return choice_;
}

std::unique_ptr<Session> Cluster::open_writable(std::chrono::seconds io_timeout) {
  const auto found = choice();
  if (!found.writer) fail(found.reasons);
  const auto& node = options_.nodes[*found.writer];
  auto session = std::make_unique<MariadbSession>(node, options_, io_timeout);
  const auto standing = standing_of(*session);
  const std::lock_guard lock{mutex_};
  highest_ = std::max(highest_, standing.epoch);
  const auto refusal = refusal_of(standing, highest_);
  if (!refusal.empty()) fail({"database node " + node.to_string() + ' ' + refusal});
  ++connects_;
  return session;
}

std::unique_ptr<Session> Cluster::open_readable() {
  const auto found = choice();
  if (found.writer && !found.reads_elsewhere) return open_writable();
  auto reasons = found.reasons;
  for (const auto index : found.readers) {
    const auto& node = options_.nodes[index];
    try {
      auto session = std::make_unique<MariadbSession>(node, options_);
      const auto written = position();
      if (!written.empty()) {
        const auto waited = session->query(session->wait_for_position(),
                                           {Parameter{written}, Parameter{std::string{kCatchUp}}});
        if (waited.at(0).is_null(0) || waited.at(0).integer(0) != 0) {
          reasons.push_back("database node " + node.to_string() + " has not come to " + written);
          continue;
        }
      }
      const std::lock_guard lock{mutex_};
      ++connects_;
      return session;
    } catch (const SqlError& error) {
      reasons.push_back("database node " + node.to_string() + ": " + error.what());
    }
  }
  fail(reasons);
}

void Cluster::wrote(const std::string& gtid) {
  if (gtid.empty()) return;
  const std::lock_guard lock{mutex_};
  if (const auto parsed = pair::GtidPosition::parse(gtid))
    written_ = written_.joined(*parsed);
  else
    written_text_ = gtid;
  // Whoever reads from a replica waits there for this one as well.
  if (choice_.reads_elsewhere) ++reads_.now;
}

std::string Cluster::position() const {
  const std::lock_guard lock{mutex_};
  return written_.empty() ? written_text_ : written_.to_string();
}

Cluster::Generation Cluster::writes() const {
  const std::lock_guard lock{mutex_};
  return writes_;
}

Cluster::Generation Cluster::reads() const {
  const std::lock_guard lock{mutex_};
  return reads_;
}

std::uint64_t Cluster::connects() const {
  const std::lock_guard lock{mutex_};
  return connects_;
}

}  // namespace booking::store

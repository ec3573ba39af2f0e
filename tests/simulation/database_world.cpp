#include "tests/simulation/database_world.hpp"

#include "app/pair/health.hpp"
#include "app/pair/rules.hpp"

#include <algorithm>

namespace booking::pair::testing {
namespace {

constexpr unsigned kPatience = 60;  // rounds a waiting step waits

Terms terms() { return {.replication_user = "replication", .tls_ca = "/ca.pem"}; }

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto from = text.find(before);
  if (from == text.npos) return {};
  const auto begin = from + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

}  // namespace

World::World(std::uint64_t seed) : random_{seed} {
  const auto plan = plan_bootstrap(look(), terms(), {});
  if (carry_out(plan, {}) != Ending::Done) broken_ = "bootstrap failed: " + history;
}

PairSeen World::look() const {
  PairSeen out;
  out.nodes = {servers_[0].seen(servers_[1]), servers_[1].seen(servers_[0])};
  out.record = record_;
  return out;
}

Server& World::server(const std::string& name) {
  return servers_[0].name() == name ? servers_[0] : servers_[1];
}

void World::pass(unsigned rounds) {
  for (unsigned i = 0; i < rounds; ++i) {
    for (auto& node : servers_)
      if (node.writable() && random_() % 2 == 0) node.commit(next_write_++, {}, acknowledged_);
    for (auto& node : servers_) node.replicate(other(node), random_, acknowledged_);
    check();
  }
}

void World::check() {
  if (!broken_.empty()) return;
  if (servers_[0].writable() && servers_[1].writable())
    broken_ = "two nodes can be written to\n" + history;
}

Ending World::carry_out(const Plan& plan, const std::map<std::size_t, Fault>& faults) {
  sessions_.clear();
  lost_.clear();
  found_.clear();
  const auto seen = look();
  const auto* const writer = writer_of(seen);
  primary_ = writer != nullptr ? writer->name : record_ ? record_->writer : "db1";
  history += plan.verb + '\n';
  std::size_t number = 0;
  begun_.clear();
  for (const auto& step : plan.steps)
    if (step.early) begun_.push_back(&step);
  try {
    return pair::carry_out(
        plan,
        [&](const Step& step) {
          let_some_end();
          const auto fault = faults.find(number++);
          auto end = attempt(
              step, fault == faults.end() ? std::nullopt : std::optional<Fault>{fault->second});
          pass();
          return end;
        },
        [&](const Step& step, const StepEnd& end, bool undoing) {
          history += std::string{undoing ? "  undo " : "  "} + step.node + ": " +
                     filled(step.text) + (end.done ? "" : "  FAILED " + end.words) + '\n';
        },
        [] { return false; });
  } catch (const Killed&) {
    history += "  dbctl killed\n";
    let_some_end();  // what it began goes on without it
    return Ending::Failed;
  }
}

StepEnd World::attempt(const Step& step, std::optional<Fault> fault) {
  if (fault && *fault != Fault::Refused && *fault != Fault::Unknown) strike(*fault);
  if (fault == Fault::Refused) return {false, "refused", {}};
  auto end = perform(step);
  if (fault == Fault::Unknown) {
    lose(step.node);
    return {false, "no answer", {}};
  }
  return end;
}

void World::strike(Fault fault) {
  auto& primary = server(primary_);
  if (fault == Fault::Killed) throw Killed{};
  if (fault == Fault::Bounced) {
    auto& node = random_() % 2 == 0 ? primary : other(primary);
    history += "  " + node.name() + " is bounced\n";
    node.crash();
    node.start();
    return;
  }
  if (fault != Fault::Replica) primary.crash();
  if (fault != Fault::Primary) other(primary).crash();
  history += fault == Fault::Both
                 ? "  both die\n"
                 : "  " + (fault == Fault::Primary ? primary : other(primary)).name() + " dies\n";
}

/// What was begun early is done at some moment before its turn.
void World::let_some_end() {
  for (const auto* const step : std::vector{begun_})
    if (random_() % 3 == 0) {
      history += "  meanwhile " + step->node + ": " + step->text + '\n';
      perform(*step);
    }
}

StepEnd World::perform(const Step& step) {
  if (step.early && std::erase(begun_, &step) == 0) return {true, {}, {}};  // done before its turn
  if (step.act == Act::Note) {
    record_ = step.record;
    if (!step.result.empty()) record_->closed_at = GtidPosition::parse(filled(step.result));
    return {true, {}, {}};
  }
  auto& node = server(step.node);
  if (step.act == Act::Command || step.act == Act::Transfer) return perform_command(step, node);
  if (const auto session = sessions_.find(step.node);
      !node.up() || (session != sessions_.end() && session->second != node.life())) {
    lose(step.node);
    return {false, "connection lost", {}};
  }
  if (step.same_session && lost_.contains(step.node)) return {false, "another session", {}};
  sessions_[step.node] = node.life();
  switch (step.act) {
    case Act::Statement:
      if (step.text == "SET GLOBAL read_only = ON")
        return {node.close(), "commits are under way", {}};
      if (step.text.starts_with("INSERT INTO mainstay.cluster_epoch")) {
        const Epoch epoch{
            std::stoull(between(step.text, "VALUES (", ",")),
            static_cast<std::uint32_t>(std::stoul(
                between(step.text, "VALUES (" + between(step.text, "VALUES (", ",") + ", ", ",")))};
        if (node.commit(0, epoch, acknowledged_)) return {true, {}, {}};
        for (unsigned i = 0; i < kPatience; ++i) {
          pass();
          if (node.log().back().committed) return {true, {}, {}};
        }
        lose(step.node);
        return {false, "it waits for its replica", {}};
      }
      say(node, filled(step.text));
      return {true, {}, {}};
    case Act::Capture:
      found_[step.result] = ask(node, step);
      return {true, {}, {}};
    default:
      return wait(step);
  }
}

StepEnd World::perform_command(const Step& step, Server& node) {
  if (step.text == "fence") {
    node.crash();
  } else if (step.text.starts_with("role ")) {
    node.set_role(step.text == "role MASTER");
  } else if (step.text.starts_with("replay")) {
    if (!node.up()) return {false, "down", {}};
    node.replay();
  } else if (step.text.starts_with("receive")) {
    if (!server(step.from).up()) return {false, "nothing to copy", {}};
    lose(step.node);
    node.copy(server(step.from));
  }
  return {true, {}, {}};
}

void World::lose(const std::string& name) {
  sessions_.erase(name);
  lost_.insert(name);
}

void World::say(const Server& at, const std::string& sql) {
  auto& node = server(at.name());
  if (sql == "SET GLOBAL read_only = OFF") node.open();
  if (sql == "FLUSH LOCAL ENGINE LOGS") node.flush();
  if (sql.starts_with("SET GLOBAL rpl_semi_sync_master_enabled"))
    node.wait_for_replica(sql.ends_with("ON"), acknowledged_);
  if (sql.starts_with("CHANGE MASTER")) node.follow(other(node).name());
  if (sql == "START SLAVE") node.start_replica();
  if (sql == "START SLAVE SQL_THREAD") node.start_applier();
  if (sql == "STOP SLAVE IO_THREAD") node.stop_receiver();
  if (sql == "STOP SLAVE") node.stop_replica();
  if (sql == "RESET SLAVE ALL") node.forget_source();
}

std::string World::ask(Server& node, const Step& step) {
  const auto text = filled(step.text);
  if (step.column == "Gtid_IO_Pos") return node.received().to_string();
  if (step.column == "Slave_IO_Running") return node.receiver(other(node));
  if (text.starts_with("SELECT MASTER_GTID_WAIT")) {
    const auto wanted = GtidPosition::parse(between(text, "('", "'"));
    for (unsigned i = 0; i < kPatience && node.up(); ++i, pass())
      if (wanted && node.written().covers(*wanted)) return "0";
    return "-1";
  }
  if (text == "SELECT @@global.read_only") return node.writable() ? "0" : "1";
  if (text.find("SEMI_SYNC_MASTER_CLIENTS") != text.npos)
    return node.acknowledging(other(node)) >= 1 ? "1" : "0";
  return node.written().to_string();
}

StepEnd World::wait(const Step& step) {
  const bool once = step.act == Act::Expect || step.act == Act::Cover;
  for (unsigned i = 0; i < (once ? 1 : kPatience); ++i, pass()) {
    auto& node = server(step.node);
    if (!node.up()) return {false, "down", {}};
    const auto value = ask(node, step);
    const bool position = step.act == Act::Reach || step.act == Act::Cover;
    if (!position && value == step.result) return {true, {}, {}};
    const auto wanted = GtidPosition::parse(filled(step.result));
    if (position && wanted && GtidPosition::parse(value)->covers(*wanted)) return {true, {}, {}};
  }
  return {false, "it does not come", {}};
}

std::string World::filled(std::string text) const {
  for (const auto& [name, value] : found_)
    if (const auto at = text.find('{' + name + '}'); at != text.npos)
      text.replace(at, name.size() + 2, value);
  return text;
}

std::optional<std::string> World::mend() {
  for (auto& node : servers_) {
    if (node.up()) continue;
    // Who is quick gives the command first; it may be refused, and must do no harm.
    if (random_() % 2 == 0) continue;
    node.start();
    history += node.name() + " is started\n";
  }
  pass(10);
  const auto seen = look();
  const auto health = assess(seen);
  if (health.state == State::Well) return std::nullopt;
  Plan plan;
  const auto* const writer = writer_of(seen);
  if (writer == nullptr)
    plan = plan_failover(seen, terms(), {});
  else if (!seen.other(*writer).replicates_from(*writer) ||
           !seen.other(*writer).applier->connected || !seen.other(*writer).applier->applying ||
           !seen.record || !seen.record->in_sync)
    plan = plan_rejoin(seen, terms(), {});
  else
    plan = plan_restore_sync(seen, terms());
  if (plan.refused()) {
    std::string why = plan.verb + " refused:";
    for (const auto& verdict : plan.verdicts)
      if (verdict.word == Word::Forbids) why += "\n    " + verdict.rule + ": " + verdict.because;
    history += why + '\n';
    if (writer != nullptr && seen.other(*writer).reachable && plan.verb == "rejoin") {
      const auto anew = plan_rejoin(seen, terms(), {.reprovision = true});
      if (!anew.refused()) carry_out(anew, {});
    }
    return why;
  }
  const auto ending = carry_out(plan, {});
  pass(10);
  return ending == Ending::Done ? plan.verb : plan.verb + " failed";
}

void World::check_end() {
  if (!broken_.empty()) return;
  const auto writable = [](const Server& node) { return node.writable(); };
  for (unsigned i = 0; i < 10 * kPatience && std::ranges::any_of(servers_, writable); ++i, pass())
    for (auto& node : servers_)
      if (node.writable()) node.close();
  pass(2 * kPatience);
  for (const auto& node : servers_) {
    const auto writes = node.writes();
    for (const auto write : acknowledged_)
      if (!writes.contains(write)) {
        broken_ = node.name() + " has not write " + std::to_string(write) + '\n' + history;
        return;
      }
  }
}

}  // namespace booking::pair::testing

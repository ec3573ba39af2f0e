#pragma once

#include "app/pair/carry_out.hpp"
#include "app/pair/planners.hpp"
#include "tests/simulation/database_server.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace booking::pair::testing {

enum class Fault : std::uint8_t {
  Refused,  // the step fails and has done nothing
  Unknown,  // it fails, and has done everything
  Primary,  // the node that was written to at the beginning dies before the step
  Replica,  // the other one
  Both,
  Bounced,  // that node dies and is started again, as by systemd
  Killed,   // dbctl itself is killed: nothing is taken back
};

/// Two servers, clients who write to whatever can be written to, and dbctl between them.
class World {
 public:
  explicit World(std::uint64_t seed);

  PairSeen look() const;
  Server& server(const std::string& name);
  /// Clients write, servers replicate.
  void pass(unsigned rounds = 1);
  /// The plan carried out, with the faults before or in the steps of these numbers (0: the first).
  Ending carry_out(const Plan& plan, const std::map<std::size_t, Fault>& faults);
  /// What a person does: starts what is down, and gives the command `dbctl status` names.
  /// Nothing when the pair is well again; else what it ended with.
  std::optional<std::string> mend();

  /// Why what must hold does not; empty when all is well.
  const std::string& broken() const { return broken_; }
  void check_end();
  Random& random() { return random_; }
  std::string history;  // of commands and faults

 private:
  struct Killed {};
  StepEnd attempt(const Step& step, std::optional<Fault> fault);
  void let_some_end();
  StepEnd perform(const Step& step);
  StepEnd perform_command(const Step& step, Server& node);
  void lose(const std::string& name);
  void say(const Server& node, const std::string& sql);
  std::string ask(Server& node, const Step& step);
  StepEnd wait(const Step& step);
  std::string filled(std::string text) const;
  void strike(Fault fault);
  void check();
  Server& other(const Server& node) { return &node == &servers_[0] ? servers_[1] : servers_[0]; }

  Random random_;
  std::array<Server, 2> servers_{Server{"db1", 31}, Server{"db2", 32}};
  std::optional<Record> record_;
  std::set<std::uint64_t> acknowledged_;
  std::uint64_t next_write_{1};
  std::map<std::string, unsigned> sessions_;  // which life of the node each is with
  std::set<std::string> lost_;
  std::map<std::string, std::string> found_;
  std::vector<const Step*> begun_;  // early, and not done yet
  std::string primary_;             // at the beginning of the plan
  std::string broken_;
};

}  // namespace booking::pair::testing

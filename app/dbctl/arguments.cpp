#include "app/dbctl/arguments.hpp"

#include <algorithm>
#include <array>

namespace booking::dbctl {
namespace {

constexpr std::array kCommands{
    CommandHelp{Verb::Status, "status",
                "who is written to, who follows, and what would be lost now", ""},
    CommandHelp{
        Verb::Bootstrap, "bootstrap",
        "a pair out of two empty servers, or of a live one and an empty one",
        "  --to NODE                  the primary (default: the first of the configuration)\n"},
    CommandHelp{Verb::Switchover, "switchover", "writes move to the replica; nothing fails",
                "  --to NODE                  must be the replica\n"},
    CommandHelp{Verb::Failover, "failover", "the primary is dead: the replica takes over",
                "  --to NODE                  which one is opened\n"
                "  --accept-loss-after GTID   what comes after it may be lost, and that is known\n"
                "  --kill                     the primary answers but is stuck: kill it\n"
                "  --unfenced                 the old primary cannot be killed from here, and "
                "surely takes no writes\n"},
    CommandHelp{
        Verb::Rejoin, "rejoin", "a node comes back as the replica",
        "  --to NODE                  which one comes back\n"
        "  --reprovision              keep its logs, throw its data away, copy the primary\n"},
    CommandHelp{Verb::Degrade, "degrade", "the primary goes on without its replica", ""},
    CommandHelp{Verb::RestoreSync, "restore-sync", "the primary waits for its replica again", ""},
    CommandHelp{Verb::Verify, "verify", "the rows of both nodes, compared at one GTID", ""},
    CommandHelp{Verb::Check, "check", "say whether the configuration is right", ""},
    CommandHelp{Verb::Help, "help", "this", ""},
    CommandHelp{Verb::Version, "version", "of dbctl", ""},
};

using Fault = std::optional<std::string>;

/// Words one by one; an option takes its value behind `=` or as the next word.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_{words} {}
  bool done() const { return at_ >= words_.size(); }
  const std::string& next() { return words_[at_++]; }
  std::string value_of(const std::string& option) {
    if (const auto equals = option.find('='); equals != option.npos)
      return option.substr(equals + 1);
    return done() ? "" : next();
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t at_{0};
};

Fault read_option(Reader& reader, const std::string& word, Arguments& out) {
  const auto name = word.substr(0, word.find('='));
  if (word == "--dry-run") return out.dry_run = true, std::nullopt;
  if (word == "--json") return out.json = true, std::nullopt;
  if (word == "--kill") return out.wishes.kill_primary = true, std::nullopt;
  if (word == "--unfenced") return out.wishes.unfenced = true, std::nullopt;
  if (word == "--reprovision") return out.wishes.reprovision = true, std::nullopt;
  if (name == "--config" || name == "--to") {
    auto& target = name == "--config" ? out.config : out.wishes.target;
    target = reader.value_of(word);
    return target.empty() ? Fault{name + " takes a value"} : std::nullopt;
  }
  if (name == "--accept-loss-after") {
    const auto text = reader.value_of(word);
    out.wishes.accepted_loss = pair::GtidPosition::parse(text);
    return out.wishes.accepted_loss ? std::nullopt
                                    : Fault{name + " takes a GTID position such as 0-31-1234"};
  }
  return "there is no option " + word;
}

/// Options that would do nothing with this verb are mistakes.
Fault misplaced(const Arguments& out) {
  const auto& wishes = out.wishes;
  const bool moves = out.verb == Verb::Bootstrap || out.verb == Verb::Switchover ||
                     out.verb == Verb::Failover || out.verb == Verb::Rejoin;
  if (!moves && !wishes.target.empty()) return "--to has no meaning here";
  const bool only_tells =
      out.verb == Verb::Status || out.verb == Verb::Verify || out.verb == Verb::Check;
  if (only_tells && out.dry_run) return "--dry-run has no meaning where nothing is changed";
  if (out.verb == Verb::Check && out.json) return "--json has no meaning here";
  if (out.verb != Verb::Failover &&
      (wishes.kill_primary || wishes.unfenced || wishes.accepted_loss))
    return "--kill, --unfenced and --accept-loss-after are for failover";
  if (out.verb != Verb::Rejoin && wishes.reprovision) return "--reprovision is for rejoin";
  return std::nullopt;
}

}  // namespace

std::span<const CommandHelp> commands() { return kCommands; }

common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words) {
  Arguments out;
  const CommandHelp* command = nullptr;
  Reader reader{words};
  while (!reader.done()) {
    const auto& word = reader.next();
    if (word == "--help" || word == "-h") return Arguments{};
    if (word == "--version") {
      out.verb = Verb::Version;
      return out;
    }
    if (word.starts_with('-')) {
      if (auto fault = read_option(reader, word, out)) return *fault;
      continue;
    }
    if (command != nullptr) return "one command at a time, not " + word;
    command = std::ranges::find(kCommands, word, &CommandHelp::name);
    if (command == kCommands.end()) return "there is no command " + word;
    out.verb = command->verb;
  }
  if (command == nullptr) return std::string{"what is to be done?"};
  if (auto fault = misplaced(out)) return *fault;
  return out;
}

std::string usage() {
  std::string out = "dbctl: keeps a pair of MariaDB servers.\n\nusage: dbctl COMMAND [OPTIONS]\n\n";
  for (const auto& command : kCommands) {
    std::string line = "  " + std::string{command.name};
    line.resize(std::max<std::size_t>(line.size() + 1, 16), ' ');
    out += line + std::string{command.purpose} + '\n';
    out += command.more;
  }
  return out +
         "\n"
         "  --config FILE              default /etc/mainstay/dbctl.yaml\n"
         "  --dry-run                  what every rule says and every statement; nothing is "
         "changed\n"
         "  --json                     answers as JSON\n\n"
         "exit status: 0 done, 1 a step failed, 2 wrong usage or configuration, 3 no node answers, "
         "4 a rule forbids it,\n"
         "             5 (status) not well, 6 both nodes can be written to, 7 (verify) the rows "
         "differ\n";
}

}  // namespace booking::dbctl

#include "vrrpd/ctl/arguments.hpp"

#include "common/admin_address.hpp"
#include "common/units.hpp"

#include <algorithm>
#include <array>

namespace vrrp::ctl {
namespace {

constexpr std::array kCommands{
    CommandHelp{Verb::Status, "status", "", 0, 0, "every Virtual Router of this node, in a table",
                "Exit status 5 when a router is not fit or an interface cannot be used.\n"},
    CommandHelp{Verb::Watch, "watch", "", 0, 0,
                "a line for each change of state, until interrupted",
                "  --interval TIME   between two looks (default 500ms)\n"},
    CommandHelp{Verb::Explain, "explain", "[ROUTER]", 0, 1,
                "in words: why this node is Active, or why it is not", ""},
    CommandHelp{Verb::Handover, "handover", "[ROUTER]", 0, 1,
                "give the addresses to a peer, now, and do not take them back from it",
                "Without ROUTER: of every router that is Active here.\n"
                "  --wait TIME       for the end of it (default 15s)\n"},
    CommandHelp{
        Verb::Drill, "drill", "[ROUTER]", 0, 1,
        "practise a failover: to a peer, a while there, and back, with a report",
        "Without ROUTER: of every router that is Active here. Breaks no connection; refused "
        "where it\nwould: nobody to take over, both nodes Active, maintenance, a move under "
        "way. Exit status 1\nwhen it was refused or anything was not as it should be.\n"
        "  --stay TIME       with the peer (default 5s); an interrupt ends it sooner\n"
        "  --wait TIME       for each of the two moves (default 15s)\n"},
    CommandHelp{Verb::Maintenance, "maintenance", "on|off", 1, 1,
                "give away what this node has, and take nothing until off, restarts included",
                "  --wait TIME       until everything is given away (default 15s)\n"},
    CommandHelp{Verb::Check, "check", "[FILE]", 0, 1,
                "say whether a configuration is right, without vrrpd",
                "FILE is /etc/mainstay/vrrpd.yaml when it is not named.\n"},
    CommandHelp{Verb::Import, "import", "keepalived FILE", 2, 2,
                "turn a keepalived configuration into one of vrrpd",
                "The configuration goes to standard output; what became of every directive, a line "
                "each, to\nstandard error.\n"},
    CommandHelp{Verb::Completion, "completion", "bash|zsh|fish", 1, 1,
                "a script for your shell: source <(vrrpctl completion bash)", ""},
    CommandHelp{Verb::Help, "help", "[COMMAND]", 0, 1, "this, or more about a command", ""},
    CommandHelp{Verb::Version, "version", "", 0, 0, "of vrrpctl", ""},
};

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

using Fault = std::optional<std::string>;

Fault read_time(const std::string& text, const std::string& name, std::chrono::milliseconds& out) {
  const auto time = common::parse_duration(text);
  if (!time || *time < std::chrono::milliseconds{10} || *time > std::chrono::hours{24})
    return name + " takes a time such as 15s";
  out = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
  return std::nullopt;
}

Fault read_address(std::string text, const std::string& name, std::string& out) {
  const bool is_socket = name == "--socket" || text.starts_with("unix:");
  if (is_socket && !text.starts_with("unix:")) text = "unix:" + text;
  if (!is_socket && text.find("://") == text.npos) text = "http://" + text;
  if (is_socket ? !common::AdminAddress::parse(text) : !text.starts_with("http://"))
    return name == "--socket" ? "--socket takes an absolute path"
                              : "--url takes http://HOST:PORT or unix:/PATH";
  out = std::move(text);
  return std::nullopt;
}

Fault read_option(Reader& reader, const std::string& word, Arguments& out) {
  const auto name = word.substr(0, word.find('='));
  if (word == "--json") return out.json = true, std::nullopt;
  if (name == "--socket" || name == "--url")
    return read_address(reader.value_of(word), name, out.address);
  if (name == "--interval") return read_time(reader.value_of(word), name, out.interval);
  if (name == "--stay") return read_time(reader.value_of(word), name, out.stay);
  if (name == "--wait") return read_time(reader.value_of(word), name, out.wait);
  if (name == "--token-file") {
    out.token_file = reader.value_of(word);
    return out.token_file.empty() ? Fault{"--token-file takes a path"} : std::nullopt;
  }
  return "there is no option " + word;
}

}  // namespace

std::span<const CommandHelp> commands() { return kCommands; }

const CommandHelp* find_command(std::string_view name) {
  const auto* const found = std::ranges::find(kCommands, name, &CommandHelp::name);
  return found == kCommands.end() ? nullptr : found;
}

common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words) {
  Arguments out;
  const CommandHelp* command = nullptr;
  bool wants_help = false;
  Reader reader{words};
  while (!reader.done()) {
    const auto& word = reader.next();
    if (word == "--help" || word == "-h") {
      wants_help = true;
    } else if (word == "--version") {
      command = find_command("version");
    } else if (word.starts_with('-') && word.size() > 1) {
      if (auto fault = read_option(reader, word, out)) return *fault;
    } else if (command == nullptr) {
      command = find_command(word);
      if (command == nullptr) return "there is no command " + word;
    } else {
      out.operands.push_back(word);
    }
  }
  if (wants_help) {
    out.verb = Verb::Help;
    out.operands.clear();
    if (command != nullptr) out.operands.emplace_back(command->name);
    return out;
  }
  if (command == nullptr) return std::string{"what is to be done?"};
  out.verb = command->verb;
  if (out.operands.size() < command->least || out.operands.size() > command->most)
    return "usage: vrrpctl " + std::string{command->name} + ' ' + std::string{command->operands};
  return out;
}

std::string usage() {
  std::string out =
      "vrrpctl: speaks to a running vrrpd.\n\nusage: vrrpctl COMMAND [OPERANDS] [OPTIONS]\n\n";
  for (const auto& command : kCommands) {
    std::string line = "  " + std::string{command.name} + ' ' + std::string{command.operands};
    line.resize(std::max<std::size_t>(line.size() + 1, 28), ' ');
    out += line + std::string{command.purpose} + '\n';
  }
  return out +
         "\n"
         "ROUTER is a VRID, or INTERFACE/VRID.\n\n"
         "  --socket PATH      admin socket of vrrpd (default /run/vrrpd/admin.sock, if it is "
         "there)\n"
         "  --url URL          or its address (default http://127.0.0.1:9112)\n"
         "  --token-file FILE  token for changes over TCP (default /etc/mainstay/vrrpd.token, if "
         "it "
         "is there)\n"
         "  --json             answers as JSON\n"
         "  -h, --help         this, or behind a command more about it\n\n"
         "VRRPCTL_URL and VRRPCTL_TOKEN_FILE stand in for --url and --token-file. Through the "
         "socket "
         "root needs no token.\n\n"
         "exit status: 0 done, 1 refused, not reached in time or a faulty configuration, 2 wrong "
         "usage,\n"
         "             3 vrrpd cannot be reached, 4 the token is missing or wrong, 5 (status) not "
         "well\n";
}

std::string help_of(const CommandHelp& command) {
  std::string out = "vrrpctl " + std::string{command.name} + ": " + std::string{command.purpose} +
                    "\n\nusage: vrrpctl " + std::string{command.name};
  if (!command.operands.empty()) out += ' ' + std::string{command.operands};
  out += " [OPTIONS]\n";
  if (!command.more.empty()) out += '\n' + std::string{command.more};
  return out + "\nsee `vrrpctl help` for the options that all commands have\n";
}

}  // namespace vrrp::ctl

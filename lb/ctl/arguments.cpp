#include "lb/ctl/arguments.hpp"

#include "common/admin_address.hpp"
#include "common/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lb::ctl {
namespace {

constexpr std::size_t kAny = 2;

constexpr std::array kCommands{
    CommandHelp{Verb::Status, "status", "", 0, 0, "how lbd is, and every endpoint with its state",
                ""},
    CommandHelp{Verb::Top, "top", "", 0, 0, "the same, live; q leaves",
                "  --interval TIME   between two looks (default 1s)\n"},
    CommandHelp{Verb::Upstreams, "upstreams", "[UPSTREAM]", 0, 1,
                "endpoints with weights, load and why they are in or out",
                "  --names           UPSTREAM/ENDPOINT alone, a line each\n"},
    CommandHelp{Verb::Certificates, "certificates", "", 0, 0,
                "what clients and endpoints are shown, and when it expires", ""},
    CommandHelp{Verb::TicketKeys, "ticket-keys", "FILE", 1, 1,
                "a new key of session tickets in FILE, which keeps the two before it",
                "Copy FILE to the other load balancer: it then resumes what this one began.\n"},
    CommandHelp{Verb::Errors, "errors", "", 0, 0, "the latest requests that went wrong", ""},
    CommandHelp{Verb::Sessions, "sessions", "", 0, 0,
                "client connections by state, and the longest requests",
                "  --most N          of them in full, 0 to 1000 (default 100)\n"},
    CommandHelp{Verb::Drain, "drain", "[UPSTREAM/]ENDPOINT", 1, kAny,
                "no new clients for an endpoint; what runs goes on",
                "  --wait[=TIME]     until nothing is in flight there (default 30s)\n"},
    CommandHelp{Verb::Undrain, "undrain", "[UPSTREAM/]ENDPOINT", 1, kAny,
                "take a drained endpoint back", ""},
    CommandHelp{Verb::Weight, "weight", "[UPSTREAM/]ENDPOINT WEIGHT", 2, kAny + 1,
                "how much an endpoint takes beside the others, 0 to 10000",
                "Weight 0 takes only clients that stick to the endpoint.\n"},
    CommandHelp{Verb::Add, "add", "UPSTREAM ADDRESS:PORT", 2, 2,
                "another endpoint, until lbd is stopped or it is removed",
                "  --name NAME       what it is called (default: its address)\n"
                "  --weight N        0 to 10000 (default 100)\n"
                "  --tier N          of priority; the lowest that has anybody serves\n"
                "  --backup          serves when every other has failed\n"
                "  --max-connections N   requests at a time; 0 is no limit\n"},
    CommandHelp{Verb::Remove, "remove", "[UPSTREAM/]ENDPOINT", 1, kAny,
                "forget an endpoint; what runs there ends in peace", ""},
    CommandHelp{Verb::Reload, "reload", "", 0, 0,
                "read the configuration again; with a fault the old one stays", ""},
    CommandHelp{Verb::Check, "check", "[FILE]", 0, 1,
                "say whether a configuration is right, without lbd",
                "  --config FILE     the same as FILE (default /etc/mainstay/lbd.yaml)\n"},
    CommandHelp{Verb::Settings, "settings", "[FILE]", 0, 1,
                "every key that a configuration may have where it stands, with default and range",
                "  --config FILE     the same as FILE (default /etc/mainstay/lbd.yaml)\n"},
    CommandHelp{Verb::LogLevel, "log-level", "debug|info|warn|error", 1, 1,
                "what lbd logs, until it ends or reloads", ""},
    CommandHelp{Verb::Import, "import", "nginx FILE", 2, 2,
                "an nginx proxy configuration as lbd.yaml",
                "The result goes to standard output; what every directive became, or why not, to "
                "standard\nerror and into comments.\n"},
    CommandHelp{Verb::Completion, "completion", "bash|zsh|fish", 1, 1,
                "a script that completes commands in your shell",
                "  source <(lbctl completion bash)\n"},
    CommandHelp{Verb::Help, "help", "[COMMAND]", 0, 1, "this, or more about a command", ""},
    CommandHelp{Verb::Version, "version", "", 0, 0, "print the release", ""},
};

/// Reads words one by one; options take their value behind `=` or as the next word.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_{words} {}

  bool done() const { return at_ >= words_.size(); }
  const std::string& next() { return words_[at_++]; }

  /// Splits `--name=value`. The value stays to be taken.
  std::string_view option(std::string_view word) {
    const auto equals = word.find('=');
    value_.reset();
    if (equals != word.npos) value_ = std::string{word.substr(equals + 1)};
    return word.substr(0, equals);
  }
  bool has_value() const { return value_.has_value(); }
  std::optional<std::string> value() {
    if (value_) return value_;
    if (done()) return std::nullopt;
    return next();
  }

 private:
  const std::vector<std::string>& words_;
  std::size_t at_{0};
  std::optional<std::string> value_;
};

using Fault = std::optional<std::string>;

Fault read_number(Reader& reader, std::string_view name, std::uint32_t most,
                  std::optional<std::uint32_t>& out) {
  const auto text = reader.value().value_or("");
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > most)
    return std::string{name} + " takes a number from 0 to " + std::to_string(most);
  out = number;
  return std::nullopt;
}

template <class Unit>
Fault read_time(const std::string& text, std::string_view name, Unit least, Unit& out) {
  const auto time = common::parse_duration(text);
  if (!time || *time < least || *time > std::chrono::hours{24})
    return std::string{name} + " takes a time such as 30s";
  out = std::chrono::duration_cast<Unit>(*time);
  return std::nullopt;
}

Fault read_text(Reader& reader, std::string_view name, std::string& out) {
  auto text = reader.value();
  if (!text || text->empty()) return std::string{name} + " takes a value";
  out = std::move(*text);
  return std::nullopt;
}

Fault read_address(Reader& reader, std::string_view name, std::string& out) {
  if (auto fault = read_text(reader, name, out)) return fault;
  if (name == "--socket") {
    if (!out.starts_with("unix:")) out = "unix:" + out;
    if (!common::AdminAddress::parse(out)) return "--socket takes an absolute path";
    return std::nullopt;
  }
  if (out.find("://") == out.npos && !out.starts_with("unix:")) out = "http://" + out;
  if (out.starts_with("unix:") ? !common::AdminAddress::parse(out).has_value()
                               : !out.starts_with("http://") && !out.starts_with("https://"))
    return "--url takes http://HOST:PORT, https://HOST:PORT or unix:/PATH";
  return std::nullopt;
}

Fault read_option(Reader& reader, const std::string& word, Arguments& out) {
  constexpr std::uint32_t kMostWeight = 10'000;
  constexpr std::uint32_t kMostTier = 99;
  constexpr std::uint32_t kMostConnections = 1'000'000;
  constexpr std::uint32_t kMostSessions = 1000;
  const auto name = reader.option(word);
  if (name == "--socket" || name == "--url") return read_address(reader, name, out.address);
  if (name == "--token-file") return read_text(reader, name, out.token_file);
  if (name == "--ca-file") return read_text(reader, name, out.ca_file);
  if (name == "--certificate") return read_text(reader, name, out.certificate_file);
  if (name == "--key") return read_text(reader, name, out.key_file);
  if (name == "--config" || name == "-c") return read_text(reader, name, out.config);
  if (name == "--name") return read_text(reader, name, out.name);
  if (name == "--weight") return read_number(reader, name, kMostWeight, out.weight);
  if (name == "--tier") return read_number(reader, name, kMostTier, out.tier);
  if (name == "--most") return read_number(reader, name, kMostSessions, out.most);
  if (name == "--max-connections")
    return read_number(reader, name, kMostConnections, out.max_connections);
  if (name == "--interval") {
    const auto text = reader.value().value_or("");
    return read_time(text, name, std::chrono::milliseconds{100}, out.interval);
  }
  if (name == "--wait") {
    out.wait.emplace(30);
    if (!reader.has_value()) return std::nullopt;
    return read_time(reader.value().value_or(""), name, std::chrono::seconds{1}, *out.wait);
  }
  if (reader.has_value()) return "there is no option " + std::string{name} + "=…";
  if (name == "--json") return out.json = true, std::nullopt;
  if (name == "--names") return out.names = true, std::nullopt;
  if (name == "--backup") return out.backup = true, std::nullopt;
  return "there is no option " + word;
}

}  // namespace

std::span<const CommandHelp> commands() { return kCommands; }

const CommandHelp* find_command(std::string_view name) {
  const auto* const found =
      std::find_if(kCommands.begin(), kCommands.end(),
                   [name](const CommandHelp& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : found;
}

common::Result<Arguments, std::string> read_arguments(const std::vector<std::string>& words) {
  Arguments out;
  const CommandHelp* command = nullptr;
  bool wants_help = false;
  bool only_operands = false;
  Reader reader{words};
  while (!reader.done()) {
    const auto& word = reader.next();
    if (!only_operands && word == "--") {
      only_operands = true;
    } else if (!only_operands && (word == "--help" || word == "-h")) {
      wants_help = true;
    } else if (!only_operands && word == "--version") {
      command = find_command("version");
    } else if (!only_operands && word.starts_with('-') && word.size() > 1) {
      if (auto fault = read_option(reader, word, out)) return *fault;
    } else if (command == nullptr) {
      command = find_command(word);
      if (command == nullptr) return "there is no command " + word;
    } else {
      out.operands.push_back(word);
    }
  }
  if (wants_help || command == nullptr) {
    out.verb = Verb::Help;
    out.operands.clear();
    if (command != nullptr) out.operands.emplace_back(command->name);
    if (!wants_help) return std::string{"what is to be done?"};
    return out;
  }
  out.verb = command->verb;
  if (out.certificate_file.empty() != out.key_file.empty())
    return std::string{"--certificate and --key go together"};
  if (out.operands.size() < command->least || out.operands.size() > command->most)
    return "usage: lbctl " + std::string{command->name} + ' ' + std::string{command->operands};
  return out;
}

std::string usage() {
  std::string out =
      "lbctl: speaks to a running lbd.\n\nusage: lbctl COMMAND [OPERANDS] [OPTIONS]\n\n";
  for (const auto& command : kCommands) {
    std::string line = "  " + std::string{command.name} + ' ' + std::string{command.operands};
    line.resize(std::max<std::size_t>(line.size() + 1, 36), ' ');
    out += line + std::string{command.purpose} + '\n';
  }
  return out +
         "\n"
         "  --socket PATH      admin socket of lbd (default /run/lbd/admin.sock, if it is there)\n"
         "  --url URL          or its address (default http://127.0.0.1:9101)\n"
         "  --token-file FILE  token for changes (default /etc/mainstay/lbd.token, if it is "
         "there)\n"
         "  --ca-file FILE     who may have signed the certificate of an https:// address\n"
         "                     (default: the authorities of this system)\n"
         "  --certificate FILE --key FILE   shown where lbd asks for one\n"
         "  --json             answers as JSON\n"
         "  -h, --help         this, or behind a command more about it\n\n"
         "LBCTL_URL, LBCTL_TOKEN_FILE, LBCTL_CA_FILE, LBCTL_CERTIFICATE and LBCTL_KEY stand in for "
         "the\noptions of those names.\n\n"
         "exit status: 0 done, 1 refused by lbd or a faulty configuration, 2 wrong usage,\n"
         "             3 lbd cannot be reached, 4 the token is missing or wrong\n";
}

std::string help_of(const CommandHelp& command) {
  std::string out = "lbctl " + std::string{command.name} + ": " + std::string{command.purpose} +
                    "\n\nusage: lbctl " + std::string{command.name};
  if (!command.operands.empty()) out += ' ' + std::string{command.operands};
  out += " [OPTIONS]\n";
  if (!command.more.empty()) out += '\n' + std::string{command.more};
  return out + "\nsee `lbctl help` for the options that all commands have\n";
}

}  // namespace lb::ctl

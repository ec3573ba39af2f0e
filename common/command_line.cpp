#include "common/command_line.hpp"

#include "common/build_info.hpp"

#include <algorithm>
#include <getopt.h>
#include <vector>

namespace common {
namespace {

constexpr int kFirstFlag = 256;  // what getopt_long calls the first of a daemon's own

std::string help_of(std::span<const Flag> flags) {
  std::string out;
  for (const auto& flag : flags) {
    std::string line = "      --" + std::string{flag.name};
    line.resize(std::max<std::size_t>(line.size() + 1, 21), ' ');
    out += line + flag.help + '\n';
  }
  return out;
}

}  // namespace

std::optional<CommandLine> read_command_line(int argc, char** argv, std::string_view program,
                                             std::string_view purpose,
                                             std::string_view default_config, Exit& exit,
                                             std::span<const Flag> flags) {
  const std::string name{program};
  const std::string what{purpose};
  CommandLine line{.config = std::string{default_config}};
  std::vector<option> options{{"config", required_argument, nullptr, 'c'},
                              {"check", no_argument, nullptr, 'k'},
                              {"version", no_argument, nullptr, 'v'},
                              {"help", no_argument, nullptr, 'h'}};
  for (std::size_t i = 0; i < flags.size(); ++i)
    options.push_back({flags[i].name, no_argument, nullptr, kFirstFlag + static_cast<int>(i)});
  options.push_back({nullptr, 0, nullptr, 0});
  optind = 1;
  while (true) {
    const int found = getopt_long(argc, argv, "c:h", options.data(), nullptr);
    if (found == -1) break;
    if (found >= kFirstFlag) {
      *flags[static_cast<std::size_t>(found - kFirstFlag)].given = true;
      continue;
    }
    switch (found) {
      case 'c':
        line.config = optarg;
        line.config_given = true;
        break;
      case 'k':
        line.check = true;
        break;
      case 'v':
        std::printf("%s %s\n", name.c_str(), kVersion);
        exit = Exit::Ok;
        return std::nullopt;
      case 'h':
        std::printf(
            "%s: %s\n\n"
            "usage: %s [--config FILE] [--check]\n\n"
            "  -c, --config FILE  configuration (default: %s)\n"
            "      --check        say whether the configuration is right, and leave\n"
            "%s"
            "      --version      print the release and leave\n"
            "  -h, --help         print this and leave\n\n"
            "exit status: 0 as asked, 1 a failure at run time, 2 wrong usage or configuration\n",
            name.c_str(), what.c_str(), name.c_str(), line.config.c_str(), help_of(flags).c_str());
        exit = Exit::Ok;
        return std::nullopt;
      default:  // getopt has said what is wrong
        std::fprintf(stderr, "see '%s --help'\n", name.c_str());
        exit = Exit::BadUsage;
        return std::nullopt;
    }
  }
  if (optind < argc) {
    std::fprintf(stderr, "%s: unexpected argument '%s'; see '%s --help'\n", name.c_str(),
                 argv[optind], name.c_str());
    exit = Exit::BadUsage;
    return std::nullopt;
  }
  return line;
}

void print_errors(const std::vector<ConfigError>& errors) {
  for (const auto& error : errors) std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::fprintf(stderr, "%zu error%s\n", errors.size(), errors.size() == 1 ? "" : "s");
}

void print_warnings(const std::vector<ConfigError>& warnings) {
  for (const auto& warning : warnings)
    std::fprintf(stderr, "warning: %s\n", warning.to_string().c_str());
}

}  // namespace common

#include "common/command_line.hpp"

#include "common/build_info.hpp"

#include <array>
#include <getopt.h>

namespace common {

std::optional<CommandLine> read_command_line(int argc, char** argv, std::string_view program,
                                             std::string_view purpose,
                                             std::string_view default_config, Exit& exit) {
  const std::string name{program};
  const std::string what{purpose};
  CommandLine line{.config = std::string{default_config}};
  const std::array options{
      option{"config", required_argument, nullptr, 'c'}, option{"check", no_argument, nullptr, 'k'},
      option{"version", no_argument, nullptr, 'v'}, option{"help", no_argument, nullptr, 'h'},
      option{nullptr, 0, nullptr, 0}};
  optind = 1;
  while (true) {
    const int found = getopt_long(argc, argv, "c:h", options.data(), nullptr);
    if (found == -1) break;
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
            "      --version      print the release and leave\n"
            "  -h, --help         print this and leave\n\n"
            "exit status: 0 as asked, 1 a failure at run time, 2 wrong usage or configuration\n",
            name.c_str(), what.c_str(), name.c_str(), line.config.c_str());
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

}  // namespace common

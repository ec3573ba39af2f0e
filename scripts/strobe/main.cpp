#include "scripts/strobe/driver/options.hpp"
#include "scripts/strobe/driver/runner.hpp"

#include <exception>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"--help"}) {
    std::cout << strobe::driver::kUsage;
    return 0;
  }
  const auto read = strobe::driver::read_options(arguments);
  if (!read.options) {
    std::cerr << "strobe: " << read.fault << " (strobe --help)\n";
    return 2;
  }
  try {
    const std::string summary = strobe::driver::run(*read.options);
    if (read.options->summary == "-") {
      std::cout << summary << '\n';
    } else {
      std::ofstream file{read.options->summary};
      file << summary << '\n';
      if (!file.flush()) {
        std::cerr << "strobe: cannot write " << read.options->summary << '\n';
        return 1;
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "strobe: " << error.what() << '\n';
    return 1;
  }
}

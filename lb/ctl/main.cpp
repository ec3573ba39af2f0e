#include "lb/ctl/arguments.hpp"
#include "lb/ctl/run.hpp"

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const auto arguments = lb::ctl::read_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (arguments) return static_cast<int>(lb::ctl::run(*arguments));
  std::fprintf(stderr, "lbctl: %s; see `lbctl help`\n", arguments.error().c_str());
  return static_cast<int>(lb::ctl::Exit::BadUsage);
}

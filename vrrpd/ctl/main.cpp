#include "vrrpd/ctl/arguments.hpp"
#include "vrrpd/ctl/run.hpp"

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const auto arguments = vrrp::ctl::read_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (arguments) return static_cast<int>(vrrp::ctl::run(*arguments));
  std::fprintf(stderr, "vrrpctl: %s; see `vrrpctl help`\n", arguments.error().c_str());
  return static_cast<int>(vrrp::ctl::Exit::BadUsage);
}

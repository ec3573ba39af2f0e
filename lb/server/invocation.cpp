#include "lb/server/invocation.hpp"

#include <filesystem>
#include <string_view>
#include <utility>

namespace lb::server {

Invocation Invocation::of(int argc, char** argv, std::string config) {
  namespace fs = std::filesystem;
  Invocation invocation{
      .program = {}, .arguments = {argv, argv + argc}, .config = std::move(config)};
  std::error_code error;
  const std::string_view name = argc > 0 ? argv[0] : "";
  // A name without a slash was found by the shell in PATH: the kernel knows where.
  const auto program = name.find('/') != std::string_view::npos
                           ? fs::absolute(name, error)
                           : fs::read_symlink("/proc/self/exe", error);
  if (!error) invocation.program = program.string();
  return invocation;
}

}  // namespace lb::server

#pragma once

#include <string>
#include <vector>

namespace lb::server {

/// How this process was started: a new binary is started the same way.
struct Invocation {
  /// Call first thing, before anything changes the working directory. `config` is the file that the
  /// command line named.
  static Invocation of(int argc, char** argv, std::string config);

  std::string program;                 // on disk, links not followed: they may be set anew
  std::vector<std::string> arguments;  // argv, the name included
  std::string config;
};

}  // namespace lb::server

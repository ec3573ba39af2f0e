#include "lb/sandbox/sandbox.hpp"

#include "lb/sandbox/capabilities.hpp"
#include "lb/sandbox/landlock.hpp"
#include "lb/sandbox/system_calls.hpp"

#include <cerrno>
#include <sys/prctl.h>
#include <system_error>

namespace lb::sandbox {

Report confine(const Paths& paths, bool seccomp, std::string_view inherited) {
  Report report;
  const auto note = [&report](const char* part, std::error_code error) {
    if (error)
      report.missing.push_back(std::string{part} + ": " + error.message());
    else
      report.in_force.emplace_back(part);
  };
  note("capabilities", drop_capabilities());
  // From here on nobody may forbid us to restrict ourselves.
  const bool quiet = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  note("no_new_privs", quiet ? std::error_code{} : std::error_code{errno, std::generic_category()});
  const auto there = [inherited](std::string_view part) {
    return inherited.find(part) != std::string_view::npos;
  };
  note("landlock", there("landlock") ? std::error_code{} : restrict_files(paths));
  if (there("seccomp"))
    note("seccomp", {});
  else if (seccomp)
    note("seccomp", restrict_system_calls());
  return report;
}

}  // namespace lb::sandbox

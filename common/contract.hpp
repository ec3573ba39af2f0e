#pragma once

#include <source_location>

namespace common {

/// Ends the process with the place and `what`; a dead daemon fails over, a wrong one does not.
[[noreturn]] void contract_broken(const char* what, const std::source_location& where);

/// States what our own code promises; a stranger's bytes never end here. Stays on in release.
inline void expects(bool condition, const char* what,
                    const std::source_location& where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    contract_broken(what, where);
}

}  // namespace common

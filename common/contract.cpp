#include "common/contract.hpp"

#include <cstdio>
#include <cstdlib>

namespace common {

void contract_broken(const char* what, const std::source_location& where) {
  std::fprintf(stderr, "broken contract: %s (%s:%u, %s)\n", what, where.file_name(), where.line(),
               where.function_name());
  std::abort();
}

}  // namespace common

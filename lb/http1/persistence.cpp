#include "lb/http1/persistence.hpp"

namespace lb::http1 {

bool is_persistent(const http::ConnectionOptions& options, int minor_version) {
  if (options.close) return false;
  return minor_version > 0 || options.keep_alive;
}

}  // namespace lb::http1

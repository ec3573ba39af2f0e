#include "lb/tls/fault.hpp"

#include <algorithm>
#include <openssl/err.h>

namespace lb::tls {

bool is_fatal(const Faults& faults) {
  return std::any_of(faults.begin(), faults.end(),
                     [](const Fault& fault) { return !fault.is_warning; });
}

std::string take_openssl_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown" : reason;
}

}  // namespace lb::tls

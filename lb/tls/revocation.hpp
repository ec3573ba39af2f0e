#pragma once

#include "lb/tls/fault.hpp"

#include <ctime>
#include <string>

namespace lb::tls {

/// An OCSP response as a file holds it (RFC 6960, DER), to be stapled to a certificate.
struct StapledResponse {
  std::string octets;    // empty: none
  std::time_t until{0};  // its nextUpdate; 0: it says nothing
  bool fits(std::time_t now) const { return !octets.empty() && (until == 0 || now < until); }
};

/// Faults are told at `ocsp_file`.
StapledResponse read_ocsp_response(const std::string& path, std::size_t place, std::time_t now,
                                   Faults& faults);

}  // namespace lb::tls

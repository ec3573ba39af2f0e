#pragma once

#include "lb/tls/fault.hpp"

#include <ctime>
#include <openssl/types.h>
#include <string>

namespace lb::tls {

/// An OCSP response as a file holds it (RFC 6960, DER), to be stapled to a certificate.
struct StapledResponse {
  std::string octets;    // empty: none
  std::time_t from{0};   // its thisUpdate
  std::time_t until{0};  // its nextUpdate; 0: it says nothing
  bool fits(std::time_t now) const {
    return !octets.empty() && now + kClocksDiffer >= from && (until == 0 || now < until);
  }
  static constexpr std::time_t kClocksDiffer = 300;  // seconds, between the responder's and ours
};

/// Faults are told at `ocsp_file`. What is not about `certificate`, or does not say that it is
/// good, is told and not taken: a client would end the connection for it.
StapledResponse read_ocsp_response(const std::string& path, const X509* certificate,
                                   std::size_t place, std::time_t now, Faults& faults);

}  // namespace lb::tls

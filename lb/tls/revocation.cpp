#include "lb/tls/revocation.hpp"

#include "lb/tls/certificate.hpp"
#include "lb/tls/openssl.hpp"

#include <memory>
#include <openssl/err.h>
#include <openssl/ocsp.h>

namespace lb::tls {
namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Free<&OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Free<&OCSP_BASICRESP_free>>;

std::time_t next_update(OCSP_BASICRESP* basic) {
  auto* const single = OCSP_resp_get0(basic, 0);
  if (single == nullptr) return 0;
  ASN1_GENERALIZEDTIME* next = nullptr;
  OCSP_single_get0_status(single, nullptr, nullptr, nullptr, &next);
  std::tm fields{};
  return next != nullptr && ASN1_TIME_to_tm(next, &fields) == 1 ? ::timegm(&fields) : 0;
}

}  // namespace

StapledResponse read_ocsp_response(const std::string& path, std::size_t place, std::time_t now,
                                   Faults& faults) {
  StapledResponse stapled;
  auto octets = read_file(path, "ocsp_file", place, faults);
  if (octets.empty()) return stapled;
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  const ResponsePtr response{d2i_OCSP_RESPONSE(nullptr, &data, static_cast<long>(octets.size()))};
  const bool good =
      response && OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
  const BasicPtr basic{good ? OCSP_response_get1_basic(response.get()) : nullptr};
  ERR_clear_error();
  if (!basic) {
    faults.push_back({place, "ocsp_file", path + " holds no successful OCSP response",
                      "a response in DER, as `openssl ocsp -respout` writes it", false});
    return stapled;
  }
  stapled.until = next_update(basic.get());
  stapled.octets = std::move(octets);
  if (!stapled.fits(now))
    faults.push_back({place, "ocsp_file", path + " is out of date; it is not stapled",
                      "a fresh response", true});
  return stapled;
}

}  // namespace lb::tls

#include "lb/tls/revocation.hpp"

#include "lb/tls/certificate.hpp"
#include "lb/tls/openssl.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <span>

namespace lb::tls {
namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Free<&OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Free<&OCSP_BASICRESP_free>>;

std::time_t time_of(const ASN1_GENERALIZEDTIME* time) {
  std::tm fields{};
  return time != nullptr && ASN1_TIME_to_tm(time, &fields) == 1 ? ::timegm(&fields) : 0;
}

/// By its number and the name of its issuer: RFC 6960 §4.1.1, CertID.
bool is_about(const OCSP_SINGLERESP* single, const X509* certificate) {
  ASN1_OCTET_STRING* issuer = nullptr;
  ASN1_OBJECT* kind = nullptr;
  ASN1_INTEGER* serial = nullptr;
  auto* const id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
  OCSP_id_get0_info(&issuer, &kind, nullptr, &serial, id);
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) != 0) return false;
  const auto* const digest = EVP_get_digestbyobj(kind);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (digest == nullptr ||
      X509_NAME_digest(X509_get_issuer_name(certificate), digest, hash.data(), &size) != 1)
    return false;
  return std::ranges::equal(std::span{hash}.first(size),
                            std::span{ASN1_STRING_get0_data(issuer),
                                      static_cast<std::size_t>(ASN1_STRING_length(issuer))});
}

/// What the response says of the certificate; null: nothing.
OCSP_SINGLERESP* find_single(OCSP_BASICRESP* basic, const X509* certificate) {
  for (int i = 0; i < OCSP_resp_count(basic); ++i)
    if (auto* const single = OCSP_resp_get0(basic, i); is_about(single, certificate)) return single;
  return nullptr;
}

}  // namespace

StapledResponse read_ocsp_response(const std::string& path, const X509* certificate,
                                   std::size_t place, std::time_t now, Faults& faults) {
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
  const auto warn = [&](const char* wrong, const char* right) {
    faults.push_back({place, "ocsp_file", path + wrong + "; it is not stapled", right, true});
  };
  auto* const single = find_single(basic.get(), certificate);
  ERR_clear_error();
  if (single == nullptr) {
    warn(" is about another certificate", "the response for the certificate beside it");
    return stapled;
  }
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, nullptr, nullptr, &from, &until);
  if (status != V_OCSP_CERTSTATUS_GOOD) {
    warn(status == V_OCSP_CERTSTATUS_REVOKED ? " says that the certificate is revoked"
                                             : " says that its responder does not know",
         "a certificate that is good, and its response");
    return stapled;
  }
  stapled.from = time_of(from);
  stapled.until = time_of(until);
  stapled.octets = std::move(octets);
  if (!stapled.fits(now))
    warn(now < stapled.from ? " is of the future" : " is out of date",
         "a fresh response, and a clock that is right");
  return stapled;
}

}  // namespace lb::tls

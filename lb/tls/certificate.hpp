#pragma once

#include "lb/tls/fault.hpp"
#include "lb/tls/options.hpp"

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace lb::tls {

struct Identity;

/// What an operator asks of a certificate in use.
struct CertificateStatus {
  std::string file;
  std::string subject;  // `CN=www.example.kr`
  std::string issuer;
  std::vector<std::string> names;  // that it serves here, normal
  std::string key;                 // `EC 256`, `RSA 2048`
  std::string fingerprint;         // SHA-256, hexadecimal
  std::time_t not_before{0};
  std::time_t not_after{0};
  bool stapled{false};  // an OCSP response goes with it
};

/// Keys shorter than this are told to the operator.
inline constexpr int kLeastRsaBits = 2048;
inline constexpr int kLeastEcBits = 256;
/// A certificate that ends within this is told to the operator.
inline constexpr std::time_t kEndsSoon = std::time_t{14} * 24 * 3600;
/// Octets of any file that is read.
inline constexpr std::size_t kLargestFile = 1U << 20U;
inline constexpr std::size_t kMostChain = 16;  // certificates in one file

/// Reads certificate and key. All faults at once; without a fatal one `identity` is whole.
CertificateStatus read_certificate(const CertificateOptions& options, std::size_t place,
                                   std::time_t now, Identity& identity, Faults& faults);

/// A file's octets, or a fault at `key`.
std::string read_file(const std::string& path, std::string_view key, std::size_t place,
                      Faults& faults);

}  // namespace lb::tls

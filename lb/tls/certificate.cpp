#include "lb/tls/certificate.hpp"

#include "lb/tls/names.hpp"
#include "lb/tls/openssl.hpp"
#include "lb/tls/server_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

namespace lb::tls {
namespace {

std::string text_of(const X509_NAME* name) {
  const BioPtr memory{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::time_t time_of(const ASN1_TIME* time) {
  std::tm fields{};
  return ASN1_TIME_to_tm(time, &fields) == 1 ? ::timegm(&fields) : 0;
}

}  // namespace

std::string subject_of(const X509* certificate) {
  return text_of(X509_get_subject_name(certificate));
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 15U];
  }
  return text;
}

namespace {

/// The DNS names and addresses of the certificate; without any, its common name.
std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  auto* const all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const auto* const name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    const auto* const text = name->d.dNSName;
    const std::string dns{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                          static_cast<std::size_t>(ASN1_STRING_length(text))};
    if (dns.find('\0') == std::string::npos) names.push_back(normal_name(dns));
  }
  GENERAL_NAMES_free(all);
  if (!names.empty()) return names;
  std::array<char, 256> common{};
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                             common.data(), common.size());
  if (size > 0) names.push_back(normal_name(common.data()));
  return names;
}

std::vector<X509Ptr> read_chain(const std::string& text) {
  std::vector<X509Ptr> chain;
  const BioPtr memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  while (chain.size() < kMostChain) {
    X509Ptr next{PEM_read_bio_X509_AUX(memory.get(), nullptr, nullptr, nullptr)};
    if (!next) break;
    chain.push_back(std::move(next));
  }
  ERR_clear_error();
  return chain;
}

/// A key with a pass phrase is not asked for: there is nobody to answer.
KeyPtr read_key(const std::string& text) {
  const BioPtr memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  const auto nobody = [](char*, int, int, void*) { return -1; };
  return KeyPtr{PEM_read_bio_PrivateKey(memory.get(), nullptr, nobody, nullptr)};
}

class Judge {
 public:
  Judge(const CertificateOptions& options, std::size_t place, std::time_t now, Faults& faults)
      : options_{options}, place_{place}, now_{now}, faults_{faults} {}

  void add(std::string_view key, std::string wrong, std::string right, bool warning = false) {
    faults_.push_back({place_, key, std::move(wrong), std::move(right), warning});
  }
  void warn(std::string_view key, std::string wrong, std::string right) {
    add(key, std::move(wrong), std::move(right), true);
  }

  void judge_times(const CertificateStatus& status) {
    constexpr auto kKey = "certificate_file";
    if (now_ > status.not_after)
      warn(kKey, options_.certificate_file + " has expired", "a renewed certificate");
    else if (now_ < status.not_before)
      warn(kKey, options_.certificate_file + " is not valid yet", "a clock that is right");
    else if (status.not_after - now_ < kEndsSoon)
      warn(kKey, options_.certificate_file + " expires within 14 days", "a renewed certificate");
  }
  void judge_chain(const std::vector<X509Ptr>& chain) {
    if (chain.size() == 1 && X509_self_signed(chain.front().get(), 0) == 0)
      warn("certificate_file", options_.certificate_file + " holds no chain",
           "the certificates of its issuers behind it, unless clients have them");
    for (std::size_t i = 1; i < chain.size(); ++i)
      if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK) {
        warn("certificate_file",
             options_.certificate_file + ": certificate " + std::to_string(i + 1) +
                 " is not the issuer of the one before it",
             "each certificate followed by its issuer");
        break;
      }
  }
  /// `shown`: what the certificate itself is for. Clients that ask for another name refuse it.
  void judge_names(const std::vector<std::string>& wanted, const std::vector<std::string>& shown) {
    std::string all;
    for (const auto& name : shown) all += (all.empty() ? "" : ", ") + name;
    for (const auto& name : wanted)
      if (std::none_of(shown.begin(), shown.end(),
                       [&name](const auto& pattern) { return stands_for(pattern, name); }))
        warn("names", '"' + name + "\" is no name of " + options_.certificate_file,
             all.empty() ? "a certificate that has it" : "a certificate that has it, or " + all);
  }
  void judge_key(EVP_PKEY* key, const std::string& told) {
    const int least = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA  ? kLeastRsaBits
                      : EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? kLeastEcBits
                                                                 : 0;
    if (EVP_PKEY_get_bits(key) < least)
      warn("key_file", options_.key_file + " is a weak key: " + told,
           "RSA of 2048 bits or more, or EC of 256");
    struct stat file {};
    if (::stat(options_.key_file.c_str(), &file) == 0 && (file.st_mode & 07U) != 0)
      warn("key_file", options_.key_file + " may be read by everybody", "chmod o-rwx");
  }

 private:
  const CertificateOptions& options_;
  std::size_t place_;
  std::time_t now_;
  Faults& faults_;
};

std::string kind_of(EVP_PKEY* key) {
  const char* const name = EVP_PKEY_get0_type_name(key);
  return std::string{name == nullptr ? "?" : name} + ' ' + std::to_string(EVP_PKEY_get_bits(key));
}

}  // namespace

std::string read_file(const std::string& path, std::string_view key, std::size_t place,
                      Faults& faults) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    text.resize(kLargestFile + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (file.is_open() && !text.empty() && text.size() <= kLargestFile) return text;
  const std::string why = text.size() > kLargestFile ? "is larger than 1 MiB"
                          : errno != 0               ? std::string{std::strerror(errno)}
                                                     : "is empty";
  faults.push_back({place, key, path + ": " + why, "a file that lbd may read", false});
  return {};
}

CertificateStatus read_certificate(const CertificateOptions& options, std::size_t place,
                                   std::time_t now, Identity& identity, Faults& faults) {
  CertificateStatus status;
  status.file = options.certificate_file;
  Judge judge{options, place, now, faults};
  const auto certificate = read_file(options.certificate_file, "certificate_file", place, faults);
  const auto key = read_file(options.key_file, "key_file", place, faults);
  if (!certificate.empty()) {
    identity.chain = read_chain(certificate);
    if (identity.chain.empty())
      judge.add("certificate_file", options.certificate_file + " holds no certificate",
                "certificates in PEM, the server's own first");
  }
  if (!key.empty()) {
    identity.key = read_key(key);
    if (!identity.key)
      judge.add("key_file", options.key_file + " holds no key: " + take_openssl_error(),
                "a private key in PEM, without a pass phrase");
  }
  if (identity.key) {
    status.key = kind_of(identity.key.get());
    judge.judge_key(identity.key.get(), status.key);
  }
  if (identity.chain.empty()) return status;
  auto* const own = identity.chain.front().get();
  status.subject = text_of(X509_get_subject_name(own));
  status.issuer = text_of(X509_get_issuer_name(own));
  status.not_before = time_of(X509_get0_notBefore(own));
  status.not_after = time_of(X509_get0_notAfter(own));
  status.fingerprint = fingerprint_of(own);
  const auto shown = names_of(own);
  for (const auto& name : options.names) status.names.push_back(normal_name(name));
  judge.judge_names(status.names, shown);
  if (options.names.empty()) status.names = shown;
  judge.judge_times(status);
  judge.judge_chain(identity.chain);
  if (identity.key && X509_check_private_key(own, identity.key.get()) != 1) {
    ERR_clear_error();
    judge.add("key_file", options.key_file + " is not the key of " + options.certificate_file,
              "the key that the certificate was made for");
  }
  return status;
}

}  // namespace lb::tls

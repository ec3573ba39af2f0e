#include "common/address.hpp"
#include "lb/http/target.hpp"
#include "lb/import/site.hpp"

#include <algorithm>
#include <array>

namespace lb::import {
namespace {

/// Settled in lbd by Mozilla's profiles, or looked after by itself.
constexpr std::array<std::string_view, 12> kSettled{
    "ssl_ciphers",      "ssl_prefer_server_ciphers", "ssl_conf_command",     "ssl_dhparam",
    "ssl_ecdh_curve",   "ssl_buffer_size",           "ssl_session_cache",    "ssl_session_timeout",
    "ssl_verify_depth", "ssl_trusted_certificate",   "ssl_reject_handshake", "http2"};

/// A file of nginx, beginning where nginx looks for it; empty when it is none or has no such PEM.
std::string pem_file(const Directive* directive, std::string_view kind, const Files& files,
                     const Site& site) {
  constexpr std::size_t kLargest = 1U << 20U;
  if (directive == nullptr) return "";
  auto path = directive->argument(0);
  if (path.empty() || path.find_first_of("$\"\\") != path.npos) return "";
  if (!path.starts_with('/')) path = site.folder + path;
  const auto text = files.read(path, kLargest);
  return text && text->find(kind) != text->npos ? path : "";
}

constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kKey = "PRIVATE KEY-----";

/// `, client_certificates: {…}`; nothing when whoever has none would come in.
std::optional<std::string> client_rule(const Scope& scope, const Files& files, Site& site) {
  const auto* const verify = scope.last("ssl_verify_client");
  const auto wanted = verify != nullptr ? verify->argument(0) : "off";
  if (wanted == "off") {
    if (verify != nullptr) site.notes.itself(*verify, "no certificate is asked for");
    return "";
  }
  const auto* const authorities = scope.last("ssl_client_certificate");
  const auto file = pem_file(authorities, kCertificate, files, site);
  if (file.empty() || (wanted != "on" && wanted != "optional")) {
    site.notes.left_out(*verify, "lbd asks for certificates of authorities in a file it can read");
    return std::nullopt;
  }
  site.notes.became(*verify, "client_certificates");
  site.notes.became(*authorities, "their ca_file");
  return ", client_certificates: {mode: " + std::string{wanted == "on" ? "required" : "optional"} +
         ", ca_file: " + quoted(file) + '}';
}

std::string names_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 256;
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i)
    out += (out.empty() ? "" : ", ") + quoted(names[i]);
  return out.empty() ? "" : ", names: [" + out + ']';
}

}  // namespace

std::vector<std::string> import_certificates(const Scope& scope,
                                             const std::vector<std::string>& names,
                                             const Files& files, Site& site) {
  std::vector<std::string> out;
  const auto clients = client_rule(scope, files, site);
  const auto certificates = scope.all({"ssl_certificate"});
  const auto keys = scope.all({"ssl_certificate_key"});
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const auto* const its_key = i < keys.size() ? keys[i] : nullptr;
    const auto certificate = pem_file(certificates[i], kCertificate, files, site);
    const auto key = pem_file(its_key, kKey, files, site);
    if (certificate.empty() || key.empty() || !clients) {
      site.notes.left_out(*certificates[i],
                          clients ? "it or its key cannot be read here, or holds no PEM"
                                  : "its rule for certificates of clients was left out");
      if (its_key != nullptr) site.notes.left_out(*its_key, "its certificate was left out");
      continue;
    }
    out.push_back("{certificate_file: " + quoted(certificate) + ", key_file: " + quoted(key) +
                  names_of(names) + *clients + '}');
    site.notes.became(*certificates[i], "a certificate of its listeners");
    site.notes.became(*its_key, "the key of that");
  }
  return out;
}

std::string import_tls_keys(const Scope& scope, Site& site) {
  std::string out;
  if (const auto* const protocols = scope.last("ssl_protocols")) {
    const auto& all = protocols->arguments;
    const bool modern = all.size() == 1 && all.front() == "TLSv1.3";
    if (modern) out += ", profile: modern";
    site.notes.became(*protocols, modern ? "profile: modern" : "TLS 1.2 and 1.3");
  }
  if (const auto* const tickets = scope.last("ssl_session_tickets")) {
    const bool off = tickets->argument(0) == "off";
    if (off) out += ", tickets: false";
    site.notes.became(*tickets, off ? "tickets: false" : "tickets");
  }
  for (const auto name : kSettled)
    if (const auto* const settled = scope.last(name))
      site.notes.itself(*settled, "lbd has profiles: see listeners[].tls in docs/lbd.md");
  if (const auto* const staple = scope.last("ssl_stapling"))
    site.notes.left_out(*staple, "lbd staples what it finds in an ocsp_file");
  return out;
}

std::optional<std::string> upstream_tls(const Scope& scope, const std::string& authority,
                                        const Files& files, Site& site) {
  const auto* const verify = scope.last("proxy_ssl_verify");
  const bool verifies = verify != nullptr && verify->argument(0) == "on";
  const auto* const name = scope.last("proxy_ssl_name");
  std::string out{"{verify: false"};  // as nginx, which believes whoever answers
  if (verifies) {
    const auto* const authorities = scope.last("proxy_ssl_trusted_certificate");
    const auto file = pem_file(authorities, kCertificate, files, site);
    if (file.empty()) {
      site.notes.left_out(*verify, "lbd verifies with a file of authorities that it can read");
      return std::nullopt;
    }
    out = "{ca_file: " + quoted(file);
    site.notes.became(*verify, "tls of the upstream");
    site.notes.became(*authorities, "its ca_file");
  }
  auto host = std::string{http::host_of(authority)};
  if (name != nullptr && name->argument(0).find('$') == std::string::npos) {
    host = name->argument(0);
    site.notes.became(*name, "server_name of the upstream's tls");
  }
  const auto* const tells = scope.last("proxy_ssl_server_name");
  if (tells != nullptr) site.notes.became(*tells, "server_name of the upstream's tls");
  if (is_host_name(host) && !common::IpAddress::parse(host) && (name != nullptr || verifies))
    out += ", server_name: " + quoted(host);
  const auto* const certificate = scope.last("proxy_ssl_certificate");
  const auto* const key = scope.last("proxy_ssl_certificate_key");
  if (certificate != nullptr && key != nullptr) {
    const auto file = pem_file(certificate, kCertificate, files, site);
    const auto key_file = pem_file(key, kKey, files, site);
    if (file.empty() || key_file.empty()) {
      site.notes.left_out(*certificate, "it or its key cannot be read here, or holds no PEM");
      return std::nullopt;
    }
    out += ", certificate_file: " + quoted(file) + ", key_file: " + quoted(key_file);
    site.notes.became(*certificate, "certificate_file of the upstream's tls");
    site.notes.became(*key, "key_file of the upstream's tls");
  }
  return out + '}';
}

}  // namespace lb::import

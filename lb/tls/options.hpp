#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lb::tls {

/// What is asked of clients.
enum class ClientCertificate : std::uint8_t {
  None,
  Optional,  // who shows one must show a good one
  Required,
};

struct ClientPolicy {
  ClientCertificate certificate{ClientCertificate::None};
  std::string ca_file;  // who may have signed it

  bool operator==(const ClientPolicy&) const = default;
};

/// One certificate with what belongs to it; files are PEM, the OCSP response is DER.
struct CertificateOptions {
  std::string certificate_file;  // the server's own first, then its chain
  std::string key_file;
  std::string ocsp_file;                // empty: nothing is stapled
  std::vector<std::string> names;       // empty: those that the certificate names
  std::optional<ClientPolicy> clients;  // else that of the listener

  bool operator==(const CertificateOptions&) const = default;
};

/// As Mozilla's guidelines for servers call them.
enum class Profile : std::uint8_t {
  Intermediate,  // TLS 1.2 with forward secrecy and authenticated ciphers, and TLS 1.3
  Modern,        // TLS 1.3
};

/// How a listener speaks TLS.
struct ServerOptions {
  std::vector<CertificateOptions> certificates;  // the first serves who names nobody we know
  bool strict_names{false};                      // nobody: who names nobody we know is refused
  Profile profile{Profile::Intermediate};
  std::vector<std::string> protocols{"http/1.1"};  // for ALPN, ours first
  bool tickets{true};
  std::string ticket_keys_file;  // shared with other nodes; empty: keys of this process's own
  ClientPolicy clients;
  bool ktls{false};          // the kernel encrypts what is sent, where it can
  std::string hsts;          // Strict-Transport-Security of every answer; empty: none
  std::string key_log_file;  // every session's secrets, for whoever must look into it; empty: none

  bool operator==(const ServerOptions&) const = default;
};

/// How endpoints are spoken to.
struct ClientOptions {
  bool verify{true};
  std::string ca_file;      // empty: the authorities of this system
  std::string server_name;  // whose certificate it must be, also told by SNI; empty: the IP address
  std::string certificate_file;  // ours, when we are asked for one
  std::string key_file;
  std::string protocol;  // all that is offered by ALPN; empty: nothing is

  bool operator==(const ClientOptions&) const = default;
};

}  // namespace lb::tls

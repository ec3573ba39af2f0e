#pragma once

#include "lb/net/descriptor.hpp"
#include "lb/tls/certificate.hpp"
#include "lb/tls/connection.hpp"
#include "lb/tls/names.hpp"
#include "lb/tls/openssl.hpp"
#include "lb/tls/options.hpp"
#include "lb/tls/revocation.hpp"
#include "lb/tls/ticket_keys.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lb::tls {

std::string subject_of(const X509* certificate);
std::string fingerprint_of(const X509* certificate);

/// What a listener speaks TLS by, as read from its files at one time. Never changes; connections
/// keep the one they began with.
struct ServerState {
  /// All that one name stands for: certificates of different kinds, and one rule for clients.
  struct Site {
    ContextPtr context;
    std::vector<std::size_t> certificates;  // by place
    ClientPolicy clients;
    StorePtr authorities;                   // of clients' certificates; null: none are asked for
    std::vector<unsigned char> session_id;  // differs where another rule for clients holds
  };
  struct Staple {
    std::size_t certificate;
    X509* own;
    StapledResponse response;
  };
  using KeySource = std::function<std::shared_ptr<const TicketKeyList>()>;

  std::vector<CertificateStatus> certificates;
  std::vector<Identity> identities;
  std::vector<Staple> staples;
  std::vector<Site> sites;  // the first is the default
  NameTable names;
  bool strict{false};
  std::string hsts;
  std::vector<unsigned char> protocols;  // as ALPN writes them
  KeySource ticket_keys;                 // null: no tickets
  std::shared_ptr<const net::Descriptor> key_log;

  SSL_CTX* base() const { return sites.front().context.get(); }
  /// Whose certificate is shown for `name`, normal, and whose rule for clients holds. A wildcard of
  /// routes reaches deeper than one of certificates: what lies below one, and is nobody else's, is
  /// under its rule, or the rule of the first would do for it.
  std::size_t site_of(std::string_view name) const;
  bool serves(std::size_t site, std::string_view server_name, std::string_view authority) const;

  /// Null when there is a fatal fault.
  static std::shared_ptr<const ServerState> read(const ServerOptions& options, std::time_t now,
                                                 std::shared_ptr<OwnTicketKeys> own,
                                                 Faults& faults);

 private:
  void arrange(const ServerOptions& options, Faults& faults);
  std::size_t site_for(const ServerOptions& options, std::vector<std::size_t> members,
                       Faults& faults);
  bool make_context(const ServerOptions& options, Site& site, Faults& faults);
  static int on_client_hello(SSL* ssl, int* alert, void*);
  static int on_protocols(SSL* ssl, const unsigned char** out, unsigned char* size,
                          const unsigned char* offered, unsigned offered_size, void*);
  static int on_staple(SSL* ssl, void*);
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                       EVP_MAC_CTX* mac, int encrypt);
  static void on_key_log(const SSL* ssl, const char* line);
  static const ServerState& of(const SSL* ssl);
};

}  // namespace lb::tls

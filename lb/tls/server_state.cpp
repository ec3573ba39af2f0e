#include "lb/tls/server_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <unistd.h>

namespace lb::tls {
namespace {

// Mozilla's intermediate profile (version 5.7), but for finite-field Diffie-Hellman, which no
// client needs that speaks TLS 1.2 today and which costs us most.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr int kDeepestChain = 8;             // of clients' certificates
constexpr long kTicketLifetime = 24 * 3600;  // seconds

/// The host name in a ClientHello, normal; empty without one.
std::string server_name_of(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1) return {};
  return server_name_in({data, size});
}

bool same_kind(const Identity& a, const Identity& b) {
  return EVP_PKEY_get_base_id(a.key.get()) == EVP_PKEY_get_base_id(b.key.get());
}

std::vector<unsigned char> in_alpn(const std::vector<std::string>& protocols) {
  std::vector<unsigned char> out;
  for (const auto& protocol : protocols) {
    out.push_back(static_cast<unsigned char>(protocol.size()));
    out.insert(out.end(), protocol.begin(), protocol.end());
  }
  return out;
}

const ClientPolicy& clients_of(const ServerOptions& options, std::size_t certificate) {
  const auto& own = options.certificates[certificate].clients;
  return own ? *own : options.clients;
}

Fault two_rules(std::size_t certificate, const std::string& name) {
  return {certificate, "client_certificates",
          "another certificate of the same name has another rule: " + name,
          "the same rule for both, or names that differ", false};
}

/// Sessions of one rule are not resumed under another.
std::vector<unsigned char> session_id_of(const ClientPolicy& clients, const std::string& ca) {
  const auto text = std::to_string(static_cast<int>(clients.certificate)) + ca;
  std::vector<unsigned char> id(SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), id.data());
  return id;
}

}  // namespace

std::shared_ptr<const ServerState> ServerState::read(const ServerOptions& options, std::time_t now,
                                                     std::shared_ptr<OwnTicketKeys> own,
                                                     Faults& faults) {
  auto state = std::make_shared<ServerState>();
  for (std::size_t i = 0; i < options.certificates.size(); ++i) {
    const auto& one = options.certificates[i];
    Identity identity;
    auto status = read_certificate(one, i, now, identity, faults);
    if (!one.ocsp_file.empty() && !identity.chain.empty()) {
      auto response =
          read_ocsp_response(one.ocsp_file, identity.chain.front().get(), i, now, faults);
      status.stapled = response.fits(now);
      state->staples.push_back({i, identity.chain.front().get(), std::move(response)});
    }
    state->certificates.push_back(std::move(status));
    state->identities.push_back(std::move(identity));
  }
  if (options.tickets && !options.ticket_keys_file.empty()) {
    auto keys = read_ticket_keys(options.ticket_keys_file, faults);
    state->ticket_keys = [keys = std::make_shared<const TicketKeyList>(std::move(keys))] {
      return keys;
    };
  } else if (options.tickets) {
    state->ticket_keys = [own = std::move(own)] { return own->keys(std::time(nullptr)); };
  }
  if (!options.key_log_file.empty()) {
    constexpr mode_t kOwnerOnly = 0600;
    auto file = std::make_shared<const net::Descriptor>(::open(
        options.key_log_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly));
    if (!*file)
      faults.push_back({0, "key_log_file", options.key_log_file + ": " + std::strerror(errno),
                        "a file that lbd may write", false});
    state->key_log = std::move(file);
  }
  state->strict = options.strict_names;
  state->hsts = options.hsts;
  state->protocols = in_alpn(options.protocols);
  if (!is_fatal(faults)) state->arrange(options, faults);
  if (is_fatal(faults)) return nullptr;
  return state;
}

/// Certificates of different kinds for one name stand side by side.
void ServerState::arrange(const ServerOptions& options, Faults& faults) {
  std::map<std::string, std::vector<std::size_t>, std::less<>> members;
  for (std::size_t i = 0; i < identities.size(); ++i)
    for (const auto& name : certificates[i].names) {
      auto& all = members[name];
      const auto taken = std::find_if(all.begin(), all.end(), [&](std::size_t other) {
        return same_kind(identities[other], identities[i]);
      });
      if (taken == all.end())
        all.push_back(i);
      else if (clients_of(options, *taken) != clients_of(options, i))
        faults.push_back(two_rules(i, name));  // the first would hold, and this one for nobody
    }
  const auto first = certificates.front().names.empty()
                         ? std::vector<std::size_t>{0}
                         : members[certificates.front().names.front()];
  site_for(options, first, faults);
  for (const auto& [name, who] : members) names.add(name, site_for(options, who, faults));
}

std::size_t ServerState::site_for(const ServerOptions& options, std::vector<std::size_t> who,
                                  Faults& faults) {
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (sites[i].certificates == who) return i;
  Site site{nullptr, std::move(who), {}, nullptr, {}};
  site.clients = clients_of(options, site.certificates.front());
  for (const auto other : site.certificates)
    if (clients_of(options, other) != site.clients)
      faults.push_back(two_rules(other, certificates[other].names.front()));
  make_context(options, site, faults);
  sites.push_back(std::move(site));
  return sites.size() - 1;
}

bool ServerState::make_context(const ServerOptions& options, Site& site, Faults& faults) {
  site.context.reset(SSL_CTX_new(TLS_server_method()));
  auto* const context = site.context.get();
  SSL_CTX_set_min_proto_version(
      context, options.profile == Profile::Modern ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (options.ktls) SSL_CTX_set_options(context, SSL_OP_ENABLE_KTLS);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, kTicketLifetime);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_client_hello_cb(context, on_client_hello, nullptr);
  SSL_CTX_set_alpn_select_cb(context, on_protocols, nullptr);
  // The macro for it casts in the old style.
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
                        reinterpret_cast<void (*)()>(on_staple));
  if (key_log) SSL_CTX_set_keylog_callback(context, on_key_log);
  if (ticket_keys) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    SSL_CTX_set_num_tickets(context, 1);
  } else {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  for (const auto place : site.certificates) {
    const auto& [chain, key] = identities[place];
    auto* const others = sk_X509_new_null();
    for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others, chain[i].get());
    const int taken = SSL_CTX_use_cert_and_key(context, chain.front().get(), key.get(), others, 1);
    sk_X509_free(others);
    if (taken != 1)
      faults.push_back({place, "certificate_file",
                        options.certificates[place].certificate_file +
                            " cannot be used: " + take_openssl_error(),
                        "RSA of 2048 bits or more, or EC, signed with SHA-256 or better", false});
  }
  std::string ca;
  if (site.clients.certificate != ClientCertificate::None) {
    const auto place = site.certificates.front();
    ca = read_file(site.clients.ca_file, "ca_file", place, faults);
    site.authorities.reset(X509_STORE_new());
    auto* const names_told = SSL_load_client_CA_file(site.clients.ca_file.c_str());
    if (!ca.empty() &&
        (names_told == nullptr ||
         X509_STORE_load_file(site.authorities.get(), site.clients.ca_file.c_str()) != 1))
      faults.push_back({place, "ca_file", site.clients.ca_file + ": " + take_openssl_error(),
                        "certificates in PEM", false});
    SSL_CTX_set_client_CA_list(context, names_told);
    SSL_CTX_set_verify_depth(context, kDeepestChain);
  }
  site.session_id = session_id_of(site.clients, ca);
  SSL_CTX_set_session_id_context(context, site.session_id.data(),
                                 static_cast<unsigned>(site.session_id.size()));
  return true;
}

const ServerState& ServerState::of(const SSL* ssl) {
  return *static_cast<const Connection*>(SSL_get_app_data(ssl))->state_;
}

/// Before anything is resumed: a session made under another rule for clients must not be.
int ServerState::on_client_hello(SSL* ssl, int* alert, void*) {
  auto& connection = *static_cast<Connection*>(SSL_get_app_data(ssl));
  const auto& state = *connection.state_;
  connection.server_name_ = server_name_of(ssl);
  if (state.strict && !state.names.find(connection.server_name_)) {
    connection.unknown_name_ = true;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  connection.site_ = state.site_of(connection.server_name_);
  const auto& site = state.sites[connection.site_];
  SSL_set_SSL_CTX(ssl, site.context.get());
  SSL_set_session_id_context(ssl, site.session_id.data(),
                             static_cast<unsigned>(site.session_id.size()));
  if (site.clients.certificate == ClientCertificate::None) return SSL_CLIENT_HELLO_SUCCESS;
  const int required =
      site.clients.certificate == ClientCertificate::Required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_set_verify(ssl, SSL_VERIFY_PEER | required, nullptr);
  SSL_set1_verify_cert_store(ssl, site.authorities.get());
  SSL_set_client_CA_list(ssl, SSL_dup_CA_list(SSL_CTX_get_client_CA_list(site.context.get())));
  return SSL_CLIENT_HELLO_SUCCESS;
}

int ServerState::on_protocols(SSL* ssl, const unsigned char** out, unsigned char* size,
                              const unsigned char* offered, unsigned offered_size, void*) {
  const auto& ours = of(ssl).protocols;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, ours.data(), static_cast<unsigned>(ours.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 §3.2
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int ServerState::on_staple(SSL* ssl, void*) {
  const auto* const own = SSL_get_certificate(ssl);
  for (const auto& staple : of(ssl).staples) {
    if (staple.own != own || !staple.response.fits(std::time(nullptr))) continue;
    const auto& octets = staple.response.octets;
    auto* const copy = OPENSSL_memdup(octets.data(), octets.size());
    if (copy == nullptr) break;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(octets.size()));
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

/// Returns what OpenSSL asks for: 1 to go on, 2 to go on and issue a new ticket, 0 for a key that
/// nobody knows. A ticket of TLS 1.3 is used once (RFC 8446 §C.4), so each use brings another.
int ServerState::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                           EVP_MAC_CTX* mac, int encrypt) {
  const auto keys = of(ssl).ticket_keys();
  auto key = keys->begin();
  if (encrypt == 1) {
    std::memcpy(name, key->name.data(), key->name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  } else {
    key = std::find_if(keys->begin(), keys->end(), [name](const TicketKey& one) {
      return std::memcmp(one.name.data(), name, one.name.size()) == 0;
    });
    if (key == keys->end()) return 0;
  }
  char digest[] = "SHA256";
  auto mac_key = key->mac;
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const int ready =
      EVP_CipherInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, encrypt, nullptr);
  if (ready != 1 || EVP_MAC_CTX_set_params(mac, parameters.data()) != 1) return -1;
  if (encrypt == 1) return 1;
  return key == keys->begin() && SSL_version(ssl) != TLS1_3_VERSION ? 1 : 2;
}

/// Appended whole, as one write, so that workers do not mix their lines.
void ServerState::on_key_log(const SSL* ssl, const char* line) {
  const auto text = std::string{line} + '\n';
  [[maybe_unused]] const auto written =
      ::write(of(ssl).key_log->number(), text.data(), text.size());
}

std::size_t ServerState::site_of(std::string_view name) const {
  if (const auto found = names.find(name)) return *found;
  return names.find_above(name).value_or(0);
}

bool ServerState::serves(std::size_t site, std::string_view server_name,
                         std::string_view authority) const {
  const auto host = host_of(authority);
  if (host.empty() || host == server_name) return true;
  const auto& mine = sites[site];
  if (sites[site_of(host)].clients != mine.clients) return false;
  if (server_name.empty()) return true;  // it could not know better, as with an address
  return std::any_of(mine.certificates.begin(), mine.certificates.end(), [&](std::size_t place) {
    const auto& all = certificates[place].names;
    return std::any_of(all.begin(), all.end(),
                       [&host](const std::string& name) { return stands_for(name, host); });
  });
}

}  // namespace lb::tls

#include "lb/tls/client.hpp"

#include "lb/tls/openssl.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <utility>

namespace lb::tls {

struct Client::Context {
  ContextPtr context;
};

Client::Client(ClientOptions options, FileStamps files,
               std::optional<CertificateStatus> certificate, std::unique_ptr<Context> context)
    : options_{std::move(options)},
      files_{std::move(files)},
      certificate_{std::move(certificate)},
      context_{std::move(context)} {}
Client::~Client() = default;

std::shared_ptr<const Client> Client::make(ClientOptions options, Faults& faults) {
  FileStamps files{{options.ca_file, options.certificate_file, options.key_file}};
  std::optional<CertificateStatus> certificate;
  auto made = std::make_unique<Context>();
  made->context.reset(SSL_CTX_new(TLS_client_method()));
  auto* const context = made->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, Connection::on_new_session);
  SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.protocol.empty()) {
    const auto list = static_cast<char>(options.protocol.size()) + options.protocol;
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
  }
  if (options.verify) {
    const bool own = !options.ca_file.empty();
    const auto ca = own ? read_file(options.ca_file, "ca_file", 0, faults) : std::string{};
    const int loaded = own ? SSL_CTX_load_verify_file(context, options.ca_file.c_str())
                           : SSL_CTX_set_default_verify_paths(context);
    if (loaded != 1 && (!own || !ca.empty()))
      faults.push_back({0, "ca_file", options.ca_file + ": " + take_openssl_error(),
                        "certificates in PEM", false});
    ERR_clear_error();
  }
  if (!options.certificate_file.empty()) {
    Identity identity;
    certificate = read_certificate({options.certificate_file, options.key_file, {}, {}, {}}, 0,
                                   std::time(nullptr), identity, faults);
    if (!is_fatal(faults)) {
      auto* const others = sk_X509_new_null();
      for (std::size_t i = 1; i < identity.chain.size(); ++i)
        sk_X509_push(others, identity.chain[i].get());
      if (SSL_CTX_use_cert_and_key(context, identity.chain.front().get(), identity.key.get(),
                                   others, 1) != 1)
        faults.push_back({0, "certificate_file",
                          options.certificate_file + " cannot be used: " + take_openssl_error(),
                          "RSA of 2048 bits or more, or EC", false});
      sk_X509_free(others);
    }
  }
  if (is_fatal(faults)) return nullptr;
  return std::shared_ptr<const Client>{
      new Client{std::move(options), std::move(files), std::move(certificate), std::move(made)}};
}

std::shared_ptr<const Client> Client::read_again(Faults& faults) const {
  files_.look_again();
  return make(options_, faults);
}

std::unique_ptr<Connection> Client::connect(int socket, const std::string& address,
                                            std::shared_ptr<SessionSlot> slot) const {
  auto connection = Connection::connect(context_->context.get(), socket, std::move(slot));
  auto* const ssl = connection->ssl_;
  const auto& name = options_.server_name;
  if (!name.empty())
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  if (!options_.verify) return connection;
  auto* const wanted = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.empty())
    X509_VERIFY_PARAM_set1_ip_asc(wanted, address.c_str());
  else
    X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size());
  return connection;
}

}  // namespace lb::tls

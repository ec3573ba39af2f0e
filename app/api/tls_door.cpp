#include "app/api/tls_door.hpp"

#include <algorithm>
#include <ctime>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <tuple>
#include <utility>

namespace booking::api {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// Mozilla's intermediate profile, but for finite-field Diffie-Hellman; lbd has the same.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr int kDeepestChain = 8;  // of clients' certificates
constexpr std::string_view kSessions{"bookd"};

std::chrono::sys_seconds end_of(const X509* certificate) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &fields) != 1) return {};
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&fields)}};
}

std::string fault(const std::string& file, const error_code& error) {
  ERR_clear_error();
  return file + ": " + error.message();
}

}  // namespace

std::string TlsDoor::read() {
  auto made = std::make_shared<ssl::context>(ssl::context::tls_server);
  auto* const native = made->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(native, kCiphers);
  SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 static_cast<unsigned>(kSessions.size()));
  error_code error;
  // A key with a pass phrase is not asked for: there is nobody to answer.
  made->set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                              error);
  made->use_certificate_chain_file(options_.certificate_file, error);
  if (error) return fault(options_.certificate_file, error);
  made->use_private_key_file(options_.key_file, ssl::context::pem, error);
  if (error) return fault(options_.key_file, error);
  if (!options_.client_ca_file.empty()) {
    made->load_verify_file(options_.client_ca_file, error);
    if (error) return fault(options_.client_ca_file, error);
    SSL_CTX_set_client_CA_list(native, SSL_load_client_CA_file(options_.client_ca_file.c_str()));
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_verify_depth(native, kDeepestChain);
  }
  not_after_ = end_of(SSL_CTX_get0_certificate(native));
  context_ = std::move(made);
  return {};
}

bool TlsDoor::admits(const SSL& connection) const {
  if (options_.client_names.empty()) return true;
  const std::unique_ptr<X509, decltype(&X509_free)> client{SSL_get1_peer_certificate(&connection),
                                                           &X509_free};
  return client && std::ranges::any_of(options_.client_names, [&](const std::string& name) {
           return X509_check_host(client.get(), name.data(), name.size(), 0, nullptr) == 1;
         });
}

}  // namespace booking::api

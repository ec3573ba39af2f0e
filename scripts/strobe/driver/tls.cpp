#include "scripts/strobe/driver/tls.hpp"

#include "common/address.hpp"
#include "common/contract.hpp"

#include <boost/asio/ssl/error.hpp>

#include <array>
#include <stdexcept>

namespace strobe::driver {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

namespace {

// RFC 7301 §3.1: it is HTTP/1.1 that is spoken.
constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

}  // namespace

Tls::Tls(std::string host, const TlsOptions& options)
    : host_{std::move(host)}, verify_{options.verify}, context_{ssl::context::tls_client} {
  SSL_CTX* const native = context_.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_protos(native, kProtocols.data(), kProtocols.size());
  if (!verify_) return;
  error_code error;
  if (options.ca_file.empty())
    context_.set_default_verify_paths(error);
  else
    context_.load_verify_file(options.ca_file, error);
  if (error) throw std::runtime_error{"--ca " + options.ca_file + ": " + error.message()};
  context_.set_verify_mode(ssl::verify_peer);
}

void Tls::prepare(SSL* connection) const {
  const bool is_address = common::IpAddress::parse(host_).has_value();
  if (!is_address)  // RFC 6066 §3: names only; the macro for it casts in the old style
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host_.c_str()));
  if (!verify_) return;
  // RFC 9525 §6.3: alternative names alone, and no half a label as a wildcard.
  SSL_set_hostflags(connection,
                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int set = is_address
                      ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host_.c_str())
                      : SSL_set1_host(connection, host_.c_str());
  common::expects(set == 1, "a host that was read is one a certificate can be for");
}

bool is_distrust(const error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
             SSL_R_CERTIFICATE_VERIFY_FAILED;
}

std::string reason_of(const error_code& error, SSL* connection) {
  if (is_distrust(error)) return X509_verify_cert_error_string(SSL_get_verify_result(connection));
  if (error.category() != asio::error::get_ssl_category()) return error.message();
  const char* const reason = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
  return reason != nullptr ? reason : error.message();
}

}  // namespace strobe::driver

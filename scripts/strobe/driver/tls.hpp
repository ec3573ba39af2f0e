#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace strobe::driver {

/// Whom to believe.
struct TlsOptions {
  std::string ca_file{};  // empty: the system's authorities
  bool verify{true};
};

/// What every handshake of a run has in common: TLS 1.2 or 1.3, who the server must prove to be.
/// No session is resumed: each handshake is a whole one.
class Tls {
 public:
  /// `host`: a name or an address. Throws std::runtime_error when the file cannot be used.
  Tls(std::string host, const TlsOptions& options);

  boost::asio::ssl::context& context() { return context_; }
  /// Before its handshake: the server's name, and what its certificate must be for.
  void prepare(SSL* connection) const;

 private:
  std::string host_;
  bool verify_;
  boost::asio::ssl::context context_;
};

/// Whether `error` is OpenSSL's word for a certificate that was not believed.
bool is_distrust(const boost::system::error_code& error);
/// In OpenSSL's words, such as "certificate has expired"; of other errors the system's.
std::string reason_of(const boost::system::error_code& error, SSL* connection);

}  // namespace strobe::driver

#pragma once

#include "app/api/api_options.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace booking::api {

/// The listener's certificate and whom it lets in. RFC 8446, RFC 5246. Of one event loop.
class TlsDoor {
 public:
  explicit TlsDoor(TlsOptions options) : options_{std::move(options)} {}

  /// Reads the files; says what is wrong with them, or nothing. When something is, what was read
  /// before stays in use. Connections keep the certificate they began with.
  std::string read();
  /// For one connection; null before the first successful `read`.
  const std::shared_ptr<boost::asio::ssl::context>& context() const { return context_; }
  /// Whether the client, its certificate verified already, is one of `client_names`.
  bool admits(const SSL& connection) const;
  /// When the certificate in use ends.
  std::chrono::sys_seconds not_after() const { return not_after_; }

 private:
  TlsOptions options_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::chrono::sys_seconds not_after_;
};

}  // namespace booking::api

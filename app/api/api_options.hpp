#pragma once

#include "app/core/lifecycle.hpp"
#include "app/core/lookup_guard.hpp"
#include "common/address.hpp"
#include "common/units.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace booking::api {

/// Bounds of what strangers can make bookd hold or wait for.
struct HttpLimits {
  common::Bytes head{16 * 1024};
  common::Bytes body{64 * 1024};
  common::Bytes upload{12 * 1024 * 1024};  // of a form with photos
  std::size_t uploads{8};                  // such forms at once; one more is answered 503
  std::chrono::milliseconds upload_timeout{60000};
  std::size_t connections{1024};                  // one more is closed at once
  std::chrono::milliseconds idle_timeout{60000};  // between two requests
  std::chrono::milliseconds head_timeout{
      10000};  // from a request's first octet to the end of its head
  std::chrono::milliseconds body_timeout{15000};
  std::chrono::milliseconds write_timeout{15000};
};

/// Leaving in good order: say so, go on serving, finish, go.
struct DrainOptions {
  std::chrono::milliseconds announce{1000};   // /readyz says 503, everything else goes on
  std::chrono::milliseconds deadline{10000};  // for requests under way, after the announcement
};

/// TLS on the listener: who we are, and who may come in.
struct TlsOptions {
  std::string certificate_file;  // PEM, the chain after it
  std::string key_file;          // PEM, without a pass phrase
  /// Authority of clients; when named, a client without a certificate of it is refused.
  std::string client_ca_file;
  std::vector<std::string> client_names;  // and of those, these only (DNS names); empty: all
};

struct AdminAccount {
  std::string username;
  std::string password_hash;  // by `bookd --hash-password`
};

struct AdminOptions {
  std::vector<AdminAccount> accounts;
  std::chrono::hours session_lifetime{12};
};

struct ApiOptions {
  common::SocketAddress listen{common::IpAddress{}, 8080};
  std::optional<TlsOptions> tls;  // of `listen`; without it HTTP in the clear
  /// Peers whose X-Forwarded-For and X-Forwarded-Proto are believed: the load balancers.
  std::vector<common::PrefixedAddress> trusted_proxies;
  HttpLimits limits;
  DrainOptions drain;
  AdminOptions admin;
  core::GuestPolicy guests;
  core::GuardLimits guard;
};

}  // namespace booking::api

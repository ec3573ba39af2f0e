#include "common/log.hpp"
#include "lb/server/control.hpp"
#include "lb/server/server_impl.hpp"

namespace lb::server {
namespace {

constexpr common::Log kLog{"lb.server"};

/// Certificates are renewed weeks before they end: seconds do not matter.
constexpr auto kCertificateLook = std::chrono::seconds{2};

common::WallTime wall_time(std::time_t at) {
  return std::chrono::time_point_cast<common::WallTime::duration>(
      std::chrono::system_clock::from_time_t(at));
}

}  // namespace

void Server::Impl::watch_certificates() {
  certificate_timer.expires_after(kCertificateLook);
  certificate_timer.async_wait([this](boost::system::error_code aborted) {
    if (aborted) return;
    read_certificates_again();
    watch_certificates();
  });
}

/// New connections go by what the files hold now. A pair that does not fit, as halfway through a
/// renewal, changes nothing; the next change of a file is looked at again.
void Server::Impl::read_certificates_again() {
  for (const auto& [listener, server] : snapshot->tls_servers()) {
    if (!server->has_changed()) continue;
    const auto faults = server->read_again();
    for (const auto& fault : faults)
      kLog.warn("certificate", {{"listener", listener},
                                {"setting", fault.key},
                                {"wrong", fault.wrong},
                                {"right", fault.right}});
    if (tls::is_fatal(faults)) {
      control_counters->certificates_refused.add();
      kLog.error("the certificates stay as they were", {{"listener", listener}});
    } else {
      control_counters->certificates_read.add();
      kLog.info("certificates read again", {{"listener", listener}});
    }
  }
}

std::vector<admin::CertificateStatus> ServerControl::certificates() const {
  std::vector<admin::CertificateStatus> all;
  for (const auto& [listener, server] : impl_.snapshot->tls_servers())
    for (const auto& one : server->certificates())
      all.push_back({.listener = listener,
                     .file = one.file,
                     .subject = one.subject,
                     .issuer = one.issuer,
                     .names = one.names,
                     .key = one.key,
                     .fingerprint = one.fingerprint,
                     .not_before = wall_time(one.not_before),
                     .not_after = wall_time(one.not_after),
                     .stapled = one.stapled});
  return all;
}

}  // namespace lb::server

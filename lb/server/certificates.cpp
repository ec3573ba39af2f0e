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

/// `who` is a "listener" or an "upstream", called `name`. Whether what was read is in use.
bool tell(telemetry::ControlCounters::Reads& reads, std::string_view who, const std::string& name,
          const tls::Faults& faults) {
  for (const auto& fault : faults)
    kLog.warn(
        "certificate",
        {{who, name}, {"setting", fault.key}, {"wrong", fault.wrong}, {"right", fault.right}});
  if (tls::is_fatal(faults)) {
    reads.refused.add();
    kLog.error("the certificates stay as they were", {{who, name}});
    return false;
  }
  reads.applied.add();
  kLog.info("certificates read again", {{who, name}});
  return true;
}

admin::CertificateStatus status_of(const tls::CertificateStatus& one) {
  return {.listener = {},
          .upstream = {},
          .file = one.file,
          .subject = one.subject,
          .issuer = one.issuer,
          .names = one.names,
          .key = one.key,
          .fingerprint = one.fingerprint,
          .not_before = wall_time(one.not_before),
          .not_after = wall_time(one.not_after),
          .stapled = one.stapled};
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
  for (const auto& [listener, server] : snapshot->tls_servers())
    if (server->has_changed())
      tell(control_counters->listener_reads, "listener", listener, server->read_again());
  // Whoever comes after us has read them himself.
  if (!draining && !upgrade.under_way()) read_upstreams_again();
}

/// As by a reload in which nothing else has changed: connections to endpoints that are in use go on
/// and end, those that are not end at once, and no session of before is resumed. What was found
/// good by the old authorities is not taken for good by the new.
void Server::Impl::read_upstreams_again() {
  std::shared_ptr<config::Snapshot> next;
  for (std::size_t i = 0; i < snapshot->upstreams.size(); ++i) {
    const auto& upstream = snapshot->upstreams[i];
    if (!upstream.tls || !upstream.tls->has_changed()) continue;
    tls::Faults faults;
    auto made = upstream.tls->read_again(faults);
    if (!tell(control_counters->upstream_reads, "upstream", upstream.name, faults)) continue;
    if (!next) next = std::make_shared<config::Snapshot>(*snapshot);
    next->upstreams[i].tls = next->upstreams[i].check.tls = std::move(made);
  }
  if (!next) return;
  snapshot = std::move(next);
  fleet->configure(snapshot->upstreams, snapshot->resolver);
  const auto common = common_of_workers();
  for (const auto& worker : workers) worker->install(common);
}

std::vector<admin::CertificateStatus> ServerControl::certificates() const {
  std::vector<admin::CertificateStatus> all;
  for (const auto& [listener, server] : impl_.snapshot->tls_servers())
    for (const auto& one : server->certificates())
      all.emplace_back(status_of(one)).listener = listener;
  for (const auto& upstream : impl_.snapshot->upstreams)
    if (const auto* const own = upstream.tls ? upstream.tls->certificate() : nullptr)
      all.emplace_back(status_of(*own)).upstream = upstream.name;
  return all;
}

}  // namespace lb::server

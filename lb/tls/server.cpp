#include "lb/tls/server.hpp"

#include "lb/tls/server_state.hpp"

#include <algorithm>
#include <utility>

namespace lb::tls {
namespace {

/// Of all listeners, whatever the configuration: tickets outlive a reload.
const std::shared_ptr<OwnTicketKeys>& own_ticket_keys() {
  static const auto keys = std::make_shared<OwnTicketKeys>();
  return keys;
}

std::vector<std::string> files_of(const ServerOptions& options) {
  std::vector<std::string> all{options.ticket_keys_file, options.clients.ca_file};
  for (const auto& one : options.certificates) {
    all.insert(all.end(), {one.certificate_file, one.key_file, one.ocsp_file});
    if (one.clients) all.push_back(one.clients->ca_file);
  }
  return all;
}

}  // namespace

Server::Server(ServerOptions options, FileStamps files, std::shared_ptr<const ServerState> state)
    : options_{std::move(options)}, files_{std::move(files)}, state_{std::move(state)} {}

std::shared_ptr<Server> Server::make(ServerOptions options, Faults& faults) {
  FileStamps files{files_of(options)};
  auto state = ServerState::read(options, std::time(nullptr), own_ticket_keys(), faults);
  if (!state) return nullptr;
  return std::shared_ptr<Server>{
      new Server{std::move(options), std::move(files), std::move(state)}};
}

std::shared_ptr<const ServerState> Server::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::unique_ptr<Connection> Server::accept(int socket, std::string_view early) const {
  return Connection::accept(state(), socket, early);
}

Faults Server::read_again() {
  Faults faults;
  files_.look_again();  // before they are read: what changes meanwhile is read once more
  auto next = ServerState::read(options_, std::time(nullptr), own_ticket_keys(), faults);
  if (next) {
    const std::lock_guard lock{mutex_};
    state_ = std::move(next);
  }
  return faults;
}

std::vector<CertificateStatus> Server::certificates() const { return state()->certificates; }

ClientCertificate Server::asked_for(std::string_view host) const {
  const auto now = state();
  return now->sites[now->site_of(host)].clients.certificate;
}

ClientCertificate Server::asked_of_all() const {
  auto least = ClientCertificate::Required;
  for (const auto& site : state()->sites) least = std::min(least, site.clients.certificate);
  return least;
}

}  // namespace lb::tls

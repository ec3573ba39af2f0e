#include "lb/tls/server.hpp"

#include "lb/tls/server_state.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace lb::tls {
namespace {

/// Of all listeners, whatever the configuration: tickets outlive a reload.
const std::shared_ptr<OwnTicketKeys>& own_ticket_keys() {
  static const auto keys = std::make_shared<OwnTicketKeys>();
  return keys;
}

}  // namespace

Server::Server(ServerOptions options, std::shared_ptr<const ServerState> state)
    : options_{std::move(options)}, stamps_{stamps()}, state_{std::move(state)} {}

std::shared_ptr<Server> Server::make(ServerOptions options, Faults& faults) {
  auto state = ServerState::read(options, std::time(nullptr), own_ticket_keys(), faults);
  if (!state) return nullptr;
  return std::shared_ptr<Server>{new Server{std::move(options), std::move(state)}};
}

std::shared_ptr<const ServerState> Server::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::unique_ptr<Connection> Server::accept(int socket, std::string_view early) const {
  return Connection::accept(state(), socket, early);
}

std::vector<Server::Stamp> Server::stamps() const {
  std::vector<Stamp> all;
  const auto add = [&all](const std::string& path) {
    struct stat file {};
    if (path.empty()) return;
    Stamp stamp;
    if (::stat(path.c_str(), &file) == 0)
      stamp = {std::int64_t{file.st_mtim.tv_sec} * 1'000'000'000 + file.st_mtim.tv_nsec,
               file.st_size, file.st_ino};
    all.push_back(stamp);
  };
  for (const auto& one : options_.certificates) {
    for (const auto& path : {one.certificate_file, one.key_file, one.ocsp_file}) add(path);
    if (one.clients) add(one.clients->ca_file);
  }
  add(options_.ticket_keys_file);
  add(options_.clients.ca_file);
  return all;
}

bool Server::has_changed() const { return stamps() != stamps_; }

Faults Server::read_again() {
  Faults faults;
  stamps_ = stamps();  // before they are read: what changes meanwhile is read once more
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

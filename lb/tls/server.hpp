#pragma once

#include "lb/tls/certificate.hpp"
#include "lb/tls/connection.hpp"
#include "lb/tls/file_stamps.hpp"
#include "lb/tls/options.hpp"
#include "lb/tls/ticket_keys.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lb::tls {

struct ServerState;

/// TLS of one listener. `accept` is called by workers, everything else by the control thread.
class Server {
 public:
  /// Reads every file. Null when one of `faults` is fatal.
  static std::shared_ptr<Server> make(ServerOptions options, Faults& faults);

  const ServerOptions& options() const { return options_; }
  std::unique_ptr<Connection> accept(int socket, std::string_view early) const;

  /// Whether a file is not as it was when it was read last, or tried to be.
  bool has_changed() const { return files_.have_changed(); }
  /// Reads every file again: new connections go by it, old ones go on. With a fatal fault nothing
  /// changes.
  Faults read_again();
  std::vector<CertificateStatus> certificates() const;
  /// What is asked of clients that ask for `host`, normal; `.example.kr`: for what lies below it.
  ClientCertificate asked_for(std::string_view host) const;
  /// The least that is asked of anybody.
  ClientCertificate asked_of_all() const;

 private:
  Server(ServerOptions options, FileStamps files, std::shared_ptr<const ServerState> state);
  std::shared_ptr<const ServerState> state() const;

  ServerOptions options_;
  FileStamps files_;
  mutable std::mutex mutex_;  // of the pointer below
  std::shared_ptr<const ServerState> state_;
};

}  // namespace lb::tls

#pragma once

#include "lb/tls/certificate.hpp"
#include "lb/tls/connection.hpp"
#include "lb/tls/fault.hpp"
#include "lb/tls/file_stamps.hpp"
#include "lb/tls/options.hpp"

#include <memory>
#include <optional>
#include <string>

namespace lb::tls {

/// TLS towards endpoints of one upstream. Shared by all workers, never changes: what its files hold
/// later is another's.
class Client {
 public:
  /// Null when one of `faults` is fatal.
  static std::shared_ptr<const Client> make(ClientOptions options, Faults& faults);
  /// Whether a file is not as it was when it was read, or tried to be. For the control thread, as
  /// the next.
  bool has_changed() const { return files_.have_changed(); }
  /// One like this, by what the files hold now. Null when one of `faults` is fatal; they are not
  /// looked at again before they change.
  std::shared_ptr<const Client> read_again(Faults& faults) const;
  ~Client();

  const ClientOptions& options() const { return options_; }
  /// Ours, shown to endpoints that ask; null: none.
  const CertificateStatus* certificate() const { return certificate_ ? &*certificate_ : nullptr; }
  /// `address`: of the endpoint, which its certificate must name when the options name nobody.
  std::unique_ptr<Connection> connect(int socket, const std::string& address,
                                      std::shared_ptr<SessionSlot> slot) const;

 private:
  struct Context;
  Client(ClientOptions options, FileStamps files, std::optional<CertificateStatus> certificate,
         std::unique_ptr<Context> context);

  ClientOptions options_;
  mutable FileStamps files_;
  std::optional<CertificateStatus> certificate_;
  std::unique_ptr<Context> context_;
};

}  // namespace lb::tls

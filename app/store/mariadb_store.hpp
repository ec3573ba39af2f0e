#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"
#include "common/address.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace booking::store {

/// The server's certificate must be of this CA and name the address it is reached at.
struct TlsOptions {
  std::string ca_file;
  std::string certificate_file{};  // ours, if the account asks for one
  std::string key_file{};
};

struct MariadbOptions {
  /// All are looked at all the time; the one that is not read-only, of the highest epoch, is used.
  std::vector<common::SocketAddress> nodes;
  std::string user{"bookd"};
  std::string password;
  std::string database{"bookd"};
  std::optional<TlsOptions> tls{};           // without: in the clear
  std::size_t connections{8};                // for writes, as many for reads, and as many threads
  std::size_t queue{1024};                   // operations waiting for a connection, of each kind
  std::chrono::milliseconds deadline{3000};  // of one read, waiting in the queue included
  /// Of one write. So long it is held while no node takes writes, instead of failing.
  std::chrono::milliseconds write_deadline{10000};
  std::chrono::seconds connect_timeout{1};  // of one node; whole seconds is all the library knows
  std::chrono::milliseconds probe_interval{100};  // between two looks at a node
  std::vector<Channel> channels{};                // who is told of what happens
};

/// A store on MariaDB or MySQL. Comes up at once whether or not a database is there, brings the
/// schema up to date as soon as one is, and follows the writable node. Destroy it before the
/// io_contexts its callers run on; operations under way then end with Errc::Unavailable.
std::unique_ptr<Store> open_mariadb_store(MariadbOptions options, privacy::Vault vault,
                                          EntropySource entropy = system_entropy);

}  // namespace booking::store

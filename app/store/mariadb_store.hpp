#pragma once

#include "app/store/store.hpp"
#include "common/address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace booking::store {

struct MariadbOptions {
  /// In order of preference; the first that answers and is not read-only is used.
  std::vector<common::SocketAddress> nodes;
  std::string user{"bookd"};
  std::string password;
  std::string database{"bookd"};
  std::size_t connections{8};                // and as many threads
  std::size_t queue{256};                    // operations waiting for a connection
  std::chrono::milliseconds deadline{3000};  // of one operation, waiting in the queue included
  std::chrono::seconds connect_timeout{1};   // of one node; whole seconds is all the library knows
  std::chrono::milliseconds probe_interval{500};  // how old readiness may be
};

/// 64 random bits; tests bring their own to make numbers collide.
using EntropySource = std::function<std::uint64_t()>;
std::uint64_t system_entropy();

/// A store on MariaDB or MySQL. Comes up at once whether or not a database is there, brings the
/// schema up to date as soon as one is, and follows the writable node. Destroy it before the
/// io_contexts its callers run on; operations under way then end with Errc::Unavailable.
std::unique_ptr<Store> open_mariadb_store(MariadbOptions options,
                                          EntropySource entropy = system_entropy);

}  // namespace booking::store

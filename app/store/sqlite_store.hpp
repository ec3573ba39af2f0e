#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace booking::store {

/// One node without a replica: what its disk loses is lost.
struct SqliteOptions {
  std::string file;
  std::size_t readers{4};                    // threads; what writes is one
  std::size_t queue{1024};                   // operations waiting, of each kind
  std::chrono::milliseconds deadline{3000};  // of one operation, waiting in the queue included
  std::vector<Channel> channels{};           // who is told of what happens
};

/// A store in a file, made and brought up to date before this returns. Throws std::runtime_error
/// with the reason when that cannot be.
std::unique_ptr<Store> open_sqlite_store(SqliteOptions options, privacy::Vault vault,
                                         EntropySource entropy = system_entropy);

}  // namespace booking::store

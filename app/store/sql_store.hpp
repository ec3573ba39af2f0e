#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/source.hpp"
#include "app/store/store.hpp"
#include "app/store/transaction.hpp"
#include "app/store/work_pool.hpp"

#include <atomic>
#include <memory>

namespace booking::store {

/// What an SqlStore stands on.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  virtual Source& writes() = 0;
  virtual Source& reads() = 0;
  /// Never waits.
  virtual Readiness readiness() const = 0;
  /// Sessions opened since the start.
  virtual std::uint64_t connects() const = 0;
};

struct SqlStoreOptions {
  std::size_t writers{1};  // threads, and as many sessions
  std::size_t readers{1};
  std::size_t queue{1};                      // operations waiting, of each kind
  std::chrono::milliseconds read_deadline;   // of one operation, waiting in the queue included
  std::chrono::milliseconds write_deadline;  // so long a write waits for a node that takes it
  std::vector<Channel> channels{};           // who is told of what happens
};

/// The domain's operations as SQL, on two pools: reads do not wait behind writes that are held.
std::unique_ptr<Store> make_sql_store(std::unique_ptr<Backend> backend, SqlStoreOptions options,
                                      privacy::Vault vault, EntropySource entropy);

}  // namespace booking::store

#pragma once

#include "lb/filters/client_key.hpp"
#include "lb/filters/filter.hpp"
#include "lb/filters/limit_zone.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace lb::filters {

/// How many exchanges each client has under way, in the whole process. It holds only clients that
/// have one, so the limit of connections is also its own.
class ConcurrencyTable : public std::enable_shared_from_this<ConcurrencyTable> {
 public:
  /// Null when the client has `most` already; else a place until the end of what is given.
  std::unique_ptr<Hold> take(std::uint64_t client, std::uint32_t most);

 private:
  static constexpr std::size_t kShards = 64;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t> running;
  };
  class Place;
  void give_back(std::uint64_t client);

  std::array<Shard, kShards> shards_;
};

struct ConcurrencyOptions {
  std::string name{"default"};  // of the table
  std::uint32_t requests{10};
  ClientKey key;
  unsigned status{429};  // or 503
};

/// So many requests of one client at the same time.
class ConcurrencyLimit final : public Filter {
 public:
  ConcurrencyLimit(ConcurrencyOptions options, const std::string& table);
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  ConcurrencyOptions options_;
  std::shared_ptr<ConcurrencyTable> table_;
  std::shared_ptr<LimitZone> zone_;
};

}  // namespace lb::filters

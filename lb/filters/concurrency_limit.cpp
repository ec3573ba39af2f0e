#include "lb/filters/concurrency_limit.hpp"

#include "lb/filters/shared_state.hpp"

namespace lb::filters {

class ConcurrencyTable::Place final : public Hold {
 public:
  Place(std::shared_ptr<ConcurrencyTable> table, std::uint64_t client)
      : table_{std::move(table)}, client_{client} {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() override { table_->give_back(client_); }

 private:
  std::shared_ptr<ConcurrencyTable> table_;
  std::uint64_t client_;
};

std::unique_ptr<Hold> ConcurrencyTable::take(std::uint64_t client, std::uint32_t most) {
  auto& shard = shards_[client % kShards];
  {
    const std::lock_guard lock{shard.mutex};
    auto& running = shard.running[client];
    if (running >= most) return nullptr;
    ++running;
  }
  return std::make_unique<Place>(shared_from_this(), client);
}

void ConcurrencyTable::give_back(std::uint64_t client) {
  auto& shard = shards_[client % kShards];
  const std::lock_guard lock{shard.mutex};
  const auto found = shard.running.find(client);
  if (--found->second == 0) shard.running.erase(found);
}

ConcurrencyLimit::ConcurrencyLimit(ConcurrencyOptions options, const std::string& table)
    : options_{std::move(options)},
      table_{shared_state<ConcurrencyTable>(table,
                                            [] { return std::make_shared<ConcurrencyTable>(); })},
      zone_{LimitZone::named(LimitZone::Kind::Concurrency, options_.name)} {}

Next ConcurrencyLimit::on_request(const Request& request, Passage& passage) const {
  auto place = table_->take(hash_of(options_.key, request), options_.requests);
  if (!place) {
    zone_->refused.fetch_add(1, std::memory_order_relaxed);
    return passage.refuse(Reason::ConcurrencyLimited, {{"Retry-After", "1"}}, options_.status);
  }
  passage.hold(std::move(place));
  return Next::Pass;
}

}  // namespace lb::filters

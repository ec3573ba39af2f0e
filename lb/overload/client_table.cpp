#include "lb/overload/client_table.hpp"

#include <algorithm>
#include <cstring>

namespace lb::overload {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

common::IpAddress client_key(const common::IpAddress& address) {
  if (address.is_v4()) return address;
  auto octets = address.octets();
  if (std::equal(kMapped.begin(), kMapped.end(), octets.begin()))
    return common::IpAddress::v4(std::uint32_t{octets[12]} << 24U |
                                 std::uint32_t{octets[13]} << 16U |
                                 std::uint32_t{octets[14]} << 8U | std::uint32_t{octets[15]});
  std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
  return common::IpAddress::v6(octets);
}

/// Its collisions cost time within one shard only, which a client cannot stretch: it has one key.
std::size_t ClientTable::Hash::operator()(const common::IpAddress& address) const {
  std::uint64_t halves[2];
  std::memcpy(halves, address.octets().data(), sizeof halves);
  auto mixed = (halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15U)) * 0xBF58476D1CE4E5B9U;
  mixed ^= mixed >> 31U;
  return mixed * 0x94D049BB133111EBU >> 7U;
}

std::optional<ClientTable::Place> ClientTable::take(const common::IpAddress& client,
                                                    const OverloadOptions& options) {
  if (options.connections_per_client == 0) return Place{};
  const auto key = client_key(client);
  for (const auto& network : options.exempt)
    if (network.contains(key) || network.contains(client)) return Place{};
  auto& shard = shard_of(key);
  const std::lock_guard lock{shard.mutex};
  auto& entry = shard.clients.try_emplace(key, Client{this, key, 0}).first->second;
  if (entry.connections >= options.connections_per_client) return std::nullopt;
  ++entry.connections;
  return Place{entry};
}

void ClientTable::give_back(Client& client) {
  auto& shard = shard_of(client.key);
  const std::lock_guard lock{shard.mutex};
  if (--client.connections == 0) shard.clients.erase(common::IpAddress{client.key});
}

std::size_t ClientTable::size() const {
  std::size_t total = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    total += shard.clients.size();
  }
  return total;
}

}  // namespace lb::overload

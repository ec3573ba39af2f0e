#pragma once

#include "common/address.hpp"
#include "lb/overload/options.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace lb::overload {

/// Whom the limits take for one client: an IPv4 address, also as IPv6 writes it (::ffff:a.b.c.d),
/// or an IPv6 network of 64 bits, which is what one customer gets.
common::IpAddress client_key(const common::IpAddress& address);

/// How many connections each client has at all workers. An entry lives as long as a connection of
/// its client, so the table is never larger than the number of connections. From any thread.
class ClientTable {
  struct Client {
    ClientTable* table;
    common::IpAddress key;
    std::uint32_t connections;
  };

 public:
  /// One connection of a client; gives its place back when it dies. The table outlives it.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept : client_{std::exchange(other.client_, nullptr)} {}
    Place& operator=(Place&& other) noexcept {
      std::swap(client_, other.client_);
      return *this;
    }
    ~Place() {
      if (client_ != nullptr) client_->table->give_back(*client_);
    }

   private:
    friend class ClientTable;
    explicit Place(Client& client) : client_{&client} {}
    Client* client_{nullptr};  // one pointer: ten thousand idle connections have one each
  };

  /// A place for one more connection of the client, or nothing when it has as many as it may. Who
  /// is exempt, or anybody when there is no limit, gets an empty place.
  std::optional<Place> take(const common::IpAddress& client, const OverloadOptions& options);
  /// Of all clients that are counted.
  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Hash {
    std::size_t operator()(const common::IpAddress& address) const;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<common::IpAddress, Client, Hash> clients;
  };

  Shard& shard_of(const common::IpAddress& key) { return shards_[Hash{}(key) % kShards]; }
  void give_back(Client& client);

  std::array<Shard, kShards> shards_;
};

}  // namespace lb::overload

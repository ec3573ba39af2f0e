#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace booking::api {

/// Addresses of photos for who may see them: signed, for some hours, with nothing personal in them.
/// Every node signs alike.
class PhotoLinks {
 public:
  static constexpr std::chrono::hours kLifetime{2};

  explicit PhotoLinks(const privacy::Vault& vault) : vault_{vault} {}

  /// `/photos/ID.EXPIRY.SIGNATURE`
  std::string url(const core::BookingId& photo, common::WallTime now) const;
  /// The photo behind the last segment of such an address; nothing for one that is over or is not
  /// ours.
  std::optional<core::BookingId> read(std::string_view name, common::WallTime now) const;

 private:
  std::string signature(std::string_view id_and_expiry) const;

  const privacy::Vault& vault_;
};

}  // namespace booking::api

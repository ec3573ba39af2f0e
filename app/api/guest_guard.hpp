#pragma once

#include "app/core/lookup_guard.hpp"
#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"
#include "common/address.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace booking::api {

/// Who wants to be told of a booking, in their own words.
struct GuestClaim {
  common::IpAddress client;
  std::string phone;
  std::string proof{};  // of work; may be empty
};

/// Not now: so long, or after so much work.
struct Locked {
  core::GuardVerdict verdict;
  std::string challenge;
};

/// Slows down those who guess. What it counts stands in the database, so that a guess at one node
/// counts at all of them.
class GuestGuard {
 public:
  GuestGuard(store::Store& store, const privacy::Vault& vault, const core::GuardLimits& limits)
      : store_{store}, vault_{vault}, limits_{limits} {}

  using Failures = std::array<store::LoginFailures, 2>;  // of `subjects`

  /// Nothing when the claim may be looked at.
  store::Awaitable<std::optional<Locked>> check(const GuestClaim& claim);
  /// The same of failures that were read. Asks nobody, so any thread may call it.
  std::optional<Locked> judge(const GuestClaim& claim, const Failures& failures,
                              common::WallTime now) const;
  /// Whose failures count: the address's and the phone's.
  std::array<std::string, 2> subjects(const GuestClaim& claim) const;
  /// It led to nothing.
  store::Awaitable<store::Done> failed(const GuestClaim& claim);

 private:
  std::string phone_subject(const GuestClaim& claim) const;

  store::Store& store_;
  const privacy::Vault& vault_;
  const core::GuardLimits& limits_;
};

}  // namespace booking::api

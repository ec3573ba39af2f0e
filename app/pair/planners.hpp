#pragma once

#include "app/pair/plan.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace booking::pair {

/// What a person has said of how it is to be done.
struct Wishes {
  std::string target{};  // node that is to be written to (of rejoin: to come back); empty: the one
                         // that follows from what is seen
  /// Of failover: what comes after this position may be lost, and it is known. Must be the position
  /// the refusal names.
  std::optional<GtidPosition> accepted_loss{};
  bool kill_primary{false};  // of failover: it answers, but is stuck, and shall be killed
  bool unfenced{
      false};  // of failover: the old primary cannot be reached, and surely takes no writes
  bool reprovision{
      false};  // of rejoin: throw its data away (its logs are kept) and copy the primary's
};

/// What is the same in every plan of a pair.
struct Terms {
  std::string replication_user{};
  bool tls{true};        // replication over TLS, the source's name verified
  std::string tls_ca{};  // path on the nodes
  std::chrono::milliseconds catch_up{10'000};
  std::chrono::milliseconds copying{3'600'000};
  std::uint64_t most_behind_seconds{5};  // of switchover
};

/// Two empty servers, or a live primary and an empty one, become a pair. `target` is the primary.
Plan plan_bootstrap(const PairSeen& seen, const Terms& terms, const Wishes& wishes);
/// Writes move to the replica; nothing fails, nothing is unprotected at any time.
Plan plan_switchover(const PairSeen& seen, const Terms& terms, const Wishes& wishes);
/// The primary is dead: the replica takes over, or a primary that was alone opens again.
Plan plan_failover(const PairSeen& seen, const Terms& terms, const Wishes& wishes);
/// A node comes back as the replica of the writable one, by its own log or by a copy.
Plan plan_rejoin(const PairSeen& seen, const Terms& terms, const Wishes& wishes);
/// The replica is gone: the primary goes on alone, and what it acknowledges from now on is on one
/// disk only.
Plan plan_degrade(const PairSeen& seen, const Terms& terms);
/// The replica is back: from here everything acknowledged is on both again.
Plan plan_restore_sync(const PairSeen& seen, const Terms& terms);

}  // namespace booking::pair

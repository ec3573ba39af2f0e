#pragma once

#include "app/pair/plan.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace booking::pair {

/// What a person has said of how it is to be done.
struct Wishes {
  /// Node that is to be written to, of rejoin the one that is to come back; empty: as follows from
  /// what is seen.
  std::string target{};
  /// Of failover: what comes after this position may be lost, and it is known. Must be the position
  /// the refusal names.
  std::optional<GtidPosition> accepted_loss{};
  /// Of failover: it answers, but is stuck, and shall be killed.
  bool kill_primary{false};
  /// Of failover: the old primary cannot be reached, and surely takes no writes.
  bool unfenced{false};
  /// Of rejoin: throw its data away (its logs are kept) and copy the primary's.
  bool reprovision{false};
};

/// What is the same in every plan of a pair.
struct Terms {
  std::string replication_user{};
  bool tls{true};                 // replication over TLS, the source's name verified
  std::string tls_ca{};           // path on the nodes, as those that follow
  std::string tls_certificate{};  // what a replica shows its source, if the account asks for it
  std::string tls_key{};
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

#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/transaction.hpp"

#include <optional>
#include <string>

namespace booking::store {

// The SQL of idempotency keys: one is written in the transaction of what it stands for.

struct KeyUse {
  std::string key;
  core::Fingerprint fingerprint{};
  core::BookingId booking{};
  core::Status status{core::Status::Requested};  // after it
  common::WallTime now;
};

struct RecordedKey {
  core::KeyObservation::Finished finished;
  Receipt receipt;
};

/// Takes the key: the row's insertion lets one of several requests with one key through and makes
/// the others wait for its end.
core::KeyObservation take_key(Session& db, const KeyUse& use, const Attempt& attempt,
                              std::optional<RecordedKey>& recorded);

/// The key's last use is long ago: it begins a new life, for one of those who want it.
void begin_key_anew(Session& db, const KeyUse& use, const RecordedKey& recorded);

}  // namespace booking::store

#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

namespace booking::store {

// The SQL of forgetting. What is personal goes; rows, times and statuses stay, so that statistics
// and references stay right.

RetentionReport count_expired(Session& db, const RetentionRules& rules, common::WallTime now);
/// At most kMostAtOnce rows of a kind, so that no transaction is long.
RetentionReport forget_expired(Session& db, const RetentionRules& rules, common::WallTime now,
                               const Tools& tools);
/// What is done must be rolled back unless the outcome is Done.
ErasureOutcome erase_customer(Session& db, const CustomerErasure& erasure, const Attempt& attempt,
                              const Tools& tools);

inline constexpr std::int64_t kMostAtOnce = 200;

}  // namespace booking::store

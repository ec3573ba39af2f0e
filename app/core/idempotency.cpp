#include "app/core/idempotency.hpp"

#include <algorithm>

namespace booking::core {

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdempotencyKey &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

KeyDecision decide(const KeyObservation& observed, const Fingerprint& fingerprint,
                   common::WallTime now) {
  if (observed.held_by_another) return KeyDecision::Running;
  if (!observed.finished || now - observed.finished->created >= kIdempotencyLifetime)
    return KeyDecision::Fresh;
  return observed.finished->fingerprint == fingerprint ? KeyDecision::Replay
                                                       : KeyDecision::Mismatch;
}

}  // namespace booking::core

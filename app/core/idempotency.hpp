#pragma once

#include "common/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace booking::core {

/// SHA-256 of a request's canonical text.
using Fingerprint = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kMaxIdempotencyKey = 128;
/// After this long a key may be used anew.
inline constexpr std::chrono::hours kIdempotencyLifetime{72};

/// 1 to 128 visible ASCII characters.
bool is_idempotency_key(std::string_view text);

/// What is known of a key when a request carrying it arrives.
struct KeyObservation {
  struct Finished {
    Fingerprint fingerprint{};
    common::WallTime created;
  };
  bool held_by_another{false};       // a request with this key is being carried out right now
  std::optional<Finished> finished;  // its outcome is recorded
};

enum class KeyDecision {
  Fresh,     // carry it out
  Replay,    // answer what was answered before
  Mismatch,  // same key, other request: refuse
  Running    // try again soon
};

KeyDecision decide(const KeyObservation& observed, const Fingerprint& fingerprint,
                   common::WallTime now);

}  // namespace booking::core

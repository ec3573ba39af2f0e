#pragma once

#include "app/store/store_types.hpp"

#include <string>
#include <variant>

namespace booking::store {

/// A change of an admin that is made once, however often its request comes: a key, what it was sent
/// with, and the answer that is kept with it in the transaction of the change. For a move of a
/// booking see Transition, whose answer is the booking.
struct Once {
  std::string key;      // checked by core::is_idempotency_key
  std::string request;  // who asks for what; may hold a password, so only its HMAC is stored
  unsigned status{204};
  std::string body{};  // may hold a secret that is told this once: it is stored sealed
  common::WallTime now{};
};

/// What was answered before.
struct Replay {
  unsigned status{204};
  std::string body;
};

enum class KeyRefusal { Mismatch, Running };

/// What came of a change that has a key.
template <class T>
using Keyed = std::variant<T, Replay, KeyRefusal>;

}  // namespace booking::store

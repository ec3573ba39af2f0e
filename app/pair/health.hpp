#pragma once

#include "app/pair/seen.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace booking::pair {

enum class State : std::uint8_t {
  Well,        // written to, in sync, known to be so
  Degraded,    // something is not as it should be; written to all the same
  Down,        // no node can be written to
  TwoWriters,  // both can be written to
};

/// What a person must know of the pair at a glance.
struct Health {
  State state{State::Well};
  std::string writer;  // empty when there is none, or two
  /// In one sentence: what would be lost if the primary died this moment.
  std::string may_be_lost;
  std::vector<std::string> findings;  // what is not as it should be, and what mends it
};

Health assess(const PairSeen& seen);
const char* to_string(State state);

}  // namespace booking::pair

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tests {

/// A fuzzer's entry, as libFuzzer calls it.
using FuzzEntry = int (*)(const std::uint8_t*, std::size_t);

/// Gives the entry every file of tests/fuzz/`folder`, then `mutations` seeded variations of them.
/// What matters is that it comes back: its own checks and the sanitizers say what is wrong.
void replay_corpus(const std::string& folder, FuzzEntry entry, int mutations);

}  // namespace tests

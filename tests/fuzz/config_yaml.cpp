// Fuzz entry for configurations: a snapshot or a list of faults that each say where and what, never
// both, never neither.
#include "common/contract.hpp"
#include "lb/config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  const auto loaded = lb::config::load_text(text, "fuzz.yaml");
  common::expects((loaded.snapshot == nullptr) != loaded.errors.empty(), "a snapshot or faults");
  for (const auto& error : loaded.errors)
    common::expects(error.file == "fuzz.yaml" && error.line >= 0 && !error.wrong.empty(),
                    "a fault says where and what");
  if (loaded.snapshot) {
    const auto& snapshot = *loaded.snapshot;
    common::expects(!snapshot.listeners.empty() && !snapshot.upstreams.empty(),
                    "what is loaded can be run");
  }
  return 0;
}

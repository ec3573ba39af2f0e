#pragma once

#include "tests/support/catch.hpp"

#include <cstdint>
#include <optional>
#include <random>

namespace vrrp::simulation {

/// `body` with so many seeds of chance, each printed when it fails. `seen`: instead of the first,
/// one that failed once.
template <class Body>
void for_seeds(int runs, Body body, std::optional<std::uint32_t> seen = {}) {
  std::random_device device;
  for (int run = 0; run < runs; ++run) {
    const auto seed = run == 0 && seen ? *seen : device();
    CAPTURE(seed);
    body(seed);
  }
}

}  // namespace vrrp::simulation

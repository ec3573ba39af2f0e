#include "lb/net/frame_memory.hpp"

#include "tests/support/catch.hpp"

#include <cstring>
#include <vector>

using lb::net::FrameMemory;

TEST_CASE("Memory of a frame is as large as was asked for, whatever is used again") {
  std::vector<std::pair<void*, std::size_t>> lent;
  for (int round = 0; round < 2; ++round) {
    for (const std::size_t size : {std::size_t{1}, FrameMemory::kStep, FrameMemory::kStep + 1,
                                   FrameMemory::kLargest, FrameMemory::kLargest + 1})
      for (std::size_t i = 0; i < FrameMemory::kMostFree + 2; ++i) {
        auto* const memory = FrameMemory::take(size);
        std::memset(memory, 0x5A, size);
        lent.emplace_back(memory, size);
      }
    for (const auto& [memory, size] : lent) FrameMemory::give_back(memory, size);
    lent.clear();
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("A frame gets the memory that was given back last") {
  auto* const memory = FrameMemory::take(700);
  FrameMemory::give_back(memory, 700);
  auto* const again = FrameMemory::take(600);  // of the same step
  CHECK(again == memory);
  FrameMemory::give_back(again, 600);
}
#endif

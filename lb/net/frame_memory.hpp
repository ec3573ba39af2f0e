#pragma once

#include <cstddef>

namespace lb::net {

/// Memory of coroutines, used again by the thread that gave it back. Asio's own recycling keeps two
/// of a thread and none above 1,020 octets; an exchange nests more and larger ones.
class FrameMemory {
 public:
  static constexpr std::size_t kStep = 256;      // sizes are rounded up to it
  static constexpr std::size_t kLargest = 4096;  // larger ones go to the system
  static constexpr std::size_t kMostFree = 64;   // of each size

  static void* take(std::size_t size);
  static void give_back(void* memory, std::size_t size) noexcept;
};

}  // namespace lb::net

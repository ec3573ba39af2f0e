#include "lb/net/frame_memory.hpp"

#include <array>
#include <cstdint>
#include <new>

namespace lb::net {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kKeeps = false;  // what is used after its end shall be found
#else
constexpr bool kKeeps = true;
#endif

struct Free {
  Free* next;
};

struct Shelf {
  Free* first{nullptr};
  std::uint32_t count{0};
};

/// What one thread keeps, until it ends.
struct Shelves {
  std::array<Shelf, FrameMemory::kLargest / FrameMemory::kStep> by_size{};
  bool open{kKeeps};

  ~Shelves() {
    open = false;
    for (auto& shelf : by_size)
      while (shelf.first != nullptr) {
        auto* const memory = shelf.first;
        shelf.first = memory->next;
        ::operator delete(memory);
      }
  }
};

thread_local Shelves shelves;

constexpr std::size_t place_of(std::size_t size) { return (size - 1) / FrameMemory::kStep; }

}  // namespace

void* FrameMemory::take(std::size_t size) {
  const auto place = place_of(size);
  if (place >= shelves.by_size.size()) return ::operator new(size);
  auto& shelf = shelves.by_size[place];
  if (shelf.first == nullptr) return ::operator new((place + 1) * kStep);
  auto* const memory = shelf.first;
  shelf.first = memory->next;
  --shelf.count;
  return memory;
}

void FrameMemory::give_back(void* memory, std::size_t size) noexcept {
  const auto place = place_of(size);
  if (place >= shelves.by_size.size() || !shelves.open ||
      shelves.by_size[place].count == kMostFree) {
    ::operator delete(memory);
    return;
  }
  auto& shelf = shelves.by_size[place];
  shelf.first = ::new (memory) Free{shelf.first};
  ++shelf.count;
}

}  // namespace lb::net

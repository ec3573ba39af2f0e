#include "lb/memory/recycler.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

namespace lb::memory {
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
  std::uint32_t least{0};  // there have been since the last trim: so many nobody needed

  void* take() {
    auto* const memory = first;
    first = memory->next;
    least = std::min(least, --count);
    return memory;
  }
  void put(void* memory) {
    first = ::new (memory) Free{first};
    ++count;
  }
};

/// What one thread keeps, until it ends.
struct Shelves {
  std::array<Shelf, Recycler::kLargest / Recycler::kStep> by_size{};
  bool open{kKeeps};

  ~Shelves() {
    open = false;
    for (auto& shelf : by_size)
      while (shelf.first != nullptr) ::operator delete(shelf.take());
  }
};

thread_local Shelves shelves;

constexpr std::size_t place_of(std::size_t size) { return (size - 1) / Recycler::kStep; }

}  // namespace

void* Recycler::take(std::size_t size) {
  const auto place = place_of(size);
  if (place >= shelves.by_size.size()) return ::operator new(size);
  auto& shelf = shelves.by_size[place];
  return shelf.first != nullptr ? shelf.take() : ::operator new((place + 1) * kStep);
}

void Recycler::give_back(void* memory, std::size_t size) noexcept {
  const auto place = place_of(size);
  if (place >= shelves.by_size.size() || !shelves.open ||
      shelves.by_size[place].count == kMostFree) {
    ::operator delete(memory);
    return;
  }
  shelves.by_size[place].put(memory);
}

void Recycler::trim() noexcept {
  for (auto& shelf : shelves.by_size) {
    const auto kept = std::max(shelf.count - shelf.least, std::min(kKept, shelf.count / 2));
    while (shelf.count > kept) ::operator delete(shelf.take());
    shelf.least = shelf.count;
  }
}

}  // namespace lb::memory

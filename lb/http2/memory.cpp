#include "lb/http2/callbacks.hpp"
#include "lb/memory/recycler.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace lb::http2 {
namespace {

using memory::Recycler;

/// nghttp2 does not say how large what it gives back was: that stands before it.
struct alignas(std::max_align_t) Head {
  std::size_t size;  // with this head
};

Head& head_of(void* memory) { return static_cast<Head*>(memory)[-1]; }

/// Null when there is none: nghttp2 is C.
void* allocate(std::size_t size, void*) {
  if (size > std::numeric_limits<std::size_t>::max() - sizeof(Head)) return nullptr;
  size += sizeof(Head);
  try {
    return ::new (Recycler::take(size)) Head{size} + 1;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void give_back(void* memory, void*) {
  if (memory == nullptr) return;
  auto& head = head_of(memory);
  Recycler::give_back(&head, head.size);
}

void* allocate_zeros(std::size_t count, std::size_t size, void*) {
  if (size > 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
  auto* const memory = allocate(count * size, nullptr);
  if (memory != nullptr) std::memset(memory, 0, count * size);
  return memory;
}

void* reallocate(void* memory, std::size_t size, void*) {
  auto* const larger = allocate(size, nullptr);
  if (larger == nullptr || memory == nullptr) return larger;
  std::memcpy(larger, memory, std::min(size, head_of(memory).size - sizeof(Head)));
  give_back(memory, nullptr);
  return larger;
}

}  // namespace

nghttp2_mem* recycled_memory() {
  static nghttp2_mem functions{nullptr, allocate, give_back, allocate_zeros, reallocate};
  return &functions;
}

}  // namespace lb::http2

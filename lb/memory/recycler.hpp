#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace lb::memory {

/// Memory of what lives about as long as a request, coroutines above all, used again by the thread
/// that gave it back. The system's allocator keeps seven of a size at hand; HTTP/2 has hundreds of
/// requests at a time, and Asio's own recycling keeps two of a thread, none above 1,020 octets.
class Recycler {
 public:
  static constexpr std::size_t kStep = 64;        // sizes are rounded up to it
  static constexpr std::size_t kLargest = 4096;   // larger ones go to the system
  static constexpr std::size_t kMostFree = 1024;  // of each size
  static constexpr std::uint32_t kKept = 64;      // by `trim`, at first; half each time after it

  /// Throws bad_alloc.
  static void* take(std::size_t size);
  /// `size`: as it was asked for.
  static void give_back(void* memory, std::size_t size) noexcept;
  /// What this thread has not used since the last call goes to the system.
  static void trim() noexcept;
};

/// A class whose objects have their memory from there. Needs a virtual destructor if they die as
/// objects of a base.
struct Recycled {
  static void* operator new(std::size_t size) { return Recycler::take(size); }
  static void* operator new(std::size_t, void* place) noexcept { return place; }
  static void operator delete(void* memory, std::size_t size) noexcept {
    Recycler::give_back(memory, size);
  }
};

template <class T>
struct RecyclingAllocator {
  using value_type = T;

  RecyclingAllocator() = default;
  template <class U>
  RecyclingAllocator(const RecyclingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return static_cast<T*>(Recycler::take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept {
    Recycler::give_back(memory, count * sizeof(T));
  }
  bool operator==(const RecyclingAllocator&) const = default;
};

using RecycledString = std::basic_string<char, std::char_traits<char>, RecyclingAllocator<char>>;

}  // namespace lb::memory

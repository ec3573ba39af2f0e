#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lb::balancing {

/// A set of endpoints of one upstream, by their slots in it.
class EndpointSet {
 public:
  static constexpr std::size_t kMost = 64;  // endpoints in one upstream

  /// Visits the slots in ascending order.
  class Iterator {
   public:
    explicit Iterator(std::uint64_t rest) : rest_{rest} {}
    std::size_t operator*() const { return static_cast<std::size_t>(std::countr_zero(rest_)); }
    Iterator& operator++() {
      rest_ &= rest_ - 1;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    std::uint64_t rest_;
  };
  Iterator begin() const { return Iterator{bits_}; }
  Iterator end() const { return Iterator{0}; }

  bool contains(std::size_t slot) const { return ((bits_ >> slot) & 1U) != 0; }
  void add(std::size_t slot) { bits_ |= std::uint64_t{1} << slot; }
  void remove(std::size_t slot) { bits_ &= ~(std::uint64_t{1} << slot); }
  bool empty() const { return bits_ == 0; }
  std::size_t size() const { return static_cast<std::size_t>(std::popcount(bits_)); }
  /// The lowest slot. Only of a set that is not empty.
  std::size_t first() const { return *begin(); }
  /// The member with `n` others below it. Only for `n < size()`.
  std::size_t nth(std::size_t n) const {
    auto member = begin();
    for (; n > 0; --n) ++member;
    return *member;
  }
  EndpointSet without(EndpointSet others) const { return EndpointSet{bits_ & ~others.bits_}; }
  EndpointSet common_with(EndpointSet others) const { return EndpointSet{bits_ & others.bits_}; }
  /// The members from `slot` upwards.
  EndpointSet from(std::size_t slot) const { return EndpointSet{bits_ >> slot << slot}; }
  bool operator==(const EndpointSet&) const = default;

  EndpointSet() = default;

 private:
  explicit EndpointSet(std::uint64_t bits) : bits_{bits} {}
  std::uint64_t bits_{0};
};

}  // namespace lb::balancing

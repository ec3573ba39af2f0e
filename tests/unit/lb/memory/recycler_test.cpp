#include "lb/memory/recycler.hpp"

#include "tests/support/catch.hpp"

#include <cstring>
#include <malloc.h>
#include <set>
#include <vector>

using lb::memory::RecycledString;
using lb::memory::Recycler;

TEST_CASE("Memory is as large as was asked for, whatever is used again", "[lb][memory]") {
  std::vector<std::pair<void*, std::size_t>> lent;
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : {std::size_t{1}, Recycler::kStep, Recycler::kStep + 1,
                                   Recycler::kLargest, Recycler::kLargest + 1})
      for (std::size_t i = 0; i < Recycler::kMostFree + 2; ++i) {
        auto* const memory = Recycler::take(size);
        std::memset(memory, 0x5A, size);
        lent.emplace_back(memory, size);
      }
    for (const auto& [memory, size] : lent) Recycler::give_back(memory, size);
    lent.clear();
    Recycler::trim();
  }
}

TEST_CASE("A string has its memory from the recycler at any length", "[lb][memory]") {
  RecycledString text;
  for (int i = 0; i < 10'000; ++i) text.push_back(static_cast<char>('a' + i % 26));
  const auto copy = text;
  text.clear();
  text.shrink_to_fit();
  CHECK(copy.size() == 10'000);
  CHECK(copy[9'999] == 'a' + 9'999 % 26);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

/// Of memory of that size: how many of those that stood free are still had, asking for `count`.
std::size_t again(std::size_t size, std::size_t count, const std::set<void*>& before) {
  std::vector<void*> taken;
  for (std::size_t i = 0; i < count; ++i) taken.push_back(Recycler::take(size));
  std::size_t known = 0;
  for (auto* const one : taken) known += before.count(one);
  for (auto* const one : taken) Recycler::give_back(one, size);
  return known;
}

}  // namespace

TEST_CASE("Whoever asks gets the memory that was given back last", "[lb][memory]") {
  auto* const memory = Recycler::take(700);
  Recycler::give_back(memory, 700);
  auto* const same = Recycler::take(650);  // of the same step
  CHECK(same == memory);
  Recycler::give_back(same, 650);
}

TEST_CASE("What was used since the last trim is kept", "[lb][memory]") {
  constexpr std::size_t kSize = 3000;
  constexpr std::size_t kMany = 4 * Recycler::kKept;
  Recycler::trim();
  std::set<void*> lent;
  for (std::size_t i = 0; i < kMany; ++i) lent.insert(Recycler::take(kSize));
  for (auto* const one : lent) Recycler::give_back(one, kSize);
  Recycler::trim();  // all of it was in use a moment ago
  CHECK(again(kSize, kMany, lent) == kMany);
}

TEST_CASE("What nobody uses goes back by and by, to the last", "[lb][memory]") {
  constexpr std::size_t kSize = 2900;
  constexpr int kTrims = 10;  // 64, and then half of them each time
  std::vector<void*> lent(4 * Recycler::kKept);
  for (int i = 0; i < kTrims; ++i) Recycler::trim();
  const auto before = ::mallinfo2().uordblks;
  for (auto*& one : lent) one = Recycler::take(kSize);
  for (auto* const one : lent) Recycler::give_back(one, kSize);
  for (int i = 0; i < kTrims; ++i) Recycler::trim();
  CHECK(::mallinfo2().uordblks < before + kSize);
}
#endif

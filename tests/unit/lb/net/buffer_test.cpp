#include "lb/net/buffer.hpp"

#include "tests/support/catch.hpp"

#include <vector>

using lb::net::Buffer;
using lb::net::BufferPool;

namespace {

void use(BufferPool& pool, std::size_t count) {
  std::vector<Buffer> lent;
  for (std::size_t i = 0; i < count; ++i) lent.push_back(pool.take());
  CHECK(pool.lent() == count);
}

}  // namespace

TEST_CASE("A pool keeps as many free buffers as are used again", "[lb][net]") {
  constexpr std::size_t kMany = 5 * BufferPool::kKept;
  BufferPool pool{16};
  use(pool, kMany);
  CHECK(pool.free() == kMany);
  pool.trim();
  CHECK(pool.free() == kMany);  // all were in use a moment ago
  use(pool, kMany - 10);
  pool.trim();
  CHECK(pool.free() == kMany - 10);
  pool.trim();  // and none since
  CHECK(pool.free() == BufferPool::kKept);
  use(pool, 5);
  pool.trim();
  CHECK(pool.free() == BufferPool::kKept / 2);
  for (auto left = BufferPool::kKept / 4; left != 0; left /= 2) {
    pool.trim();
    CHECK(pool.free() == left);
  }
  use(pool, 1);
  pool.trim();
  CHECK(pool.free() == 1);  // by whoever needs one now and then, it is found
  pool.trim();
  CHECK(pool.free() == 0);
}

TEST_CASE("A pool keeps no more free buffers than it may", "[lb][net]") {
  BufferPool pool{16};
  use(pool, BufferPool::kMostFree + 10);
  CHECK(pool.free() == BufferPool::kMostFree);
  pool.resize(32);
  CHECK(pool.free() == 0);
  CHECK(pool.take().space().size() == 32);
  CHECK(pool.free() == 1);
}

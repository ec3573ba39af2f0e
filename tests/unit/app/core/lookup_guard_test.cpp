#include "app/core/lookup_guard.hpp"

#include "tests/support/catch.hpp"

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

const common::WallTime kNow{std::chrono::hours{500000}};

}  // namespace

TEST_CASE("Guessing gets slower with every failure and is forgiven after a while",
          "[app][core][guard]") {
  const GuardLimits limits;
  CHECK(judge(5, {4, kNow}, limits, kNow).open());
  CHECK(judge(5, {5, kNow}, limits, kNow).wait == 2s);
  CHECK(judge(5, {8, kNow}, limits, kNow).wait == 16s);
  CHECK(judge(5, {400, kNow}, limits, kNow).wait == 900s);
  CHECK(judge(5, {8, kNow - 15s}, limits, kNow).wait == 1s);
  CHECK(judge(5, {8, kNow - 16s}, limits, kNow).open());
  CHECK(judge(5, {400, kNow - 3600s}, limits, kNow).open());
  CHECK(judge(5, {6, kNow + 10s}, limits, kNow).wait == 4s);  // another node's clock is ahead
}

TEST_CASE("The work asked for grows, to a limit", "[app][core][guard]") {
  const GuardLimits limits;
  CHECK(judge(5, {5, kNow}, limits, kNow).bits == 14);
  CHECK(judge(5, {7, kNow}, limits, kNow).bits == 16);
  CHECK(judge(5, {500, kNow}, limits, kNow).bits == 20);
  const auto both = stricter({3s, 15}, {1s, 18});
  CHECK(both.wait == 3s);
  CHECK(both.bits == 18);
}

#include "vrrpd/daemon/read_waiter.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <array>
#include <memory>
#include <sys/socket.h>

namespace vrrp::daemon {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    in = link::Descriptor{ends[0]};
    out = link::Descriptor{ends[1]};
  }
  void say() const { REQUIRE(::send(in.number(), "x", 1, 0) == 1); }
  void read() const {
    char octet = 0;
    REQUIRE(::recv(out.number(), &octet, sizeof octet, MSG_DONTWAIT) == 1);
  }

  link::Descriptor in;
  link::Descriptor out;
};

TEST_CASE("A callback may forget and watch anew, and is told of each once", "[vrrp][daemon]") {
  boost::asio::io_context context;
  const Pair pair;
  int told = 0;
  std::unique_ptr<ReadWaiter> waiter;
  waiter = std::make_unique<ReadWaiter>(context, [&] {
    ++told;
    pair.read();
    waiter->forget();
    CHECK_FALSE(waiter->watching());
    waiter->watch(pair.out.number());
  });
  waiter->watch(pair.out.number());
  for (int times = 1; times <= 3; ++times) {
    pair.say();
    context.poll();
    CHECK(told == times);
  }
  waiter->forget();
  context.poll();
}

}  // namespace
}  // namespace vrrp::daemon

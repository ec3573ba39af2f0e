#include "vrrpd/link/bell.hpp"

#include "tests/support/catch.hpp"

#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr MessageStart kUsual{0x31, 51, 254, 1, 0, 1};
constexpr MessageStart kOther{0x31, 52, 200, 3, 0, 5};

/// Packets through a filter, as a raw socket of that family sees them: a socket of another kind
/// runs the same.
class Filtered {
 public:
  Filtered(Family family, std::span<const MessageStart> usual) : family_{family} {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    in_ = Descriptor{ends[0]};
    out_ = Descriptor{ends[1]};
    auto filter = all_but(family, usual);
    const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                             .filter = filter.data()};
    REQUIRE(set_option(out_, SOL_SOCKET, SO_ATTACH_FILTER, program).has_value());
  }

  bool rings(const MessageStart& start, std::size_t octets = 12, std::uint8_t first = 0x45) {
    std::vector<std::uint8_t> packet;
    if (family_ == Family::V4) packet.assign(20, first);
    packet.insert(packet.end(), start.begin(), start.end());
    packet.resize((family_ == Family::V4 ? 20 : 0) + octets);
    // What the filter drops is an error of this kind of socket.
    (void)::send(in_.number(), packet.data(), packet.size(), MSG_DONTWAIT);
    std::uint8_t octet = 0;
    return ::recv(out_.number(), &octet, sizeof octet, MSG_DONTWAIT) > 0;
  }
  int rings_of(int times, const MessageStart& start) {
    int rung = 0;
    for (int i = 0; i < times; ++i) rung += rings(start) ? 1 : 0;
    return rung;
  }

 private:
  Family family_;
  Descriptor in_;
  Descriptor out_;
};

TEST_CASE("A bell rings for everything but the usual", "[vrrp][link]") {
  const auto family = GENERATE(Family::V4, Family::V6);
  const std::array usual{kUsual, kOther};
  Filtered bell{family, usual};
  for (const auto& start : usual)
    for (std::size_t at = 0; at < start.size(); ++at) {
      auto changed = start;
      ++changed[at];
      CHECK(bell.rings(changed));
    }
  CHECK(bell.rings({0x31, 51, 0, 1, 0, 1}));  // resigns
  CHECK(bell.rings(kUsual, 7));               // no whole message
  CHECK(bell.rings(kUsual, 1));
  if (family == Family::V4) CHECK(bell.rings(kUsual, 12, 0x46));  // options in its IP header
}

TEST_CASE("Of the usual one in sixteen rings", "[vrrp][link]") {
  constexpr int kTimes = 4000;  // 250 expected, deviation 15
  const auto family = GENERATE(Family::V4, Family::V6);
  std::vector<MessageStart> usual(Bell::kMostUsual, kOther);
  usual.back() = kUsual;
  Filtered bell{family, usual};
  for (const auto& start : {kUsual, kOther}) {
    const auto rung = bell.rings_of(kTimes, start);
    CHECK(rung > 50);
    CHECK(rung < 1000);
  }
}

TEST_CASE("A bell without anything usual rings for all", "[vrrp][link]") {
  Filtered bell{GENERATE(Family::V4, Family::V6), {}};
  CHECK(bell.rings_of(100, kUsual) == 100);
}

}  // namespace
}  // namespace vrrp::link

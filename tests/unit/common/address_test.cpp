#include "common/address.hpp"

#include "tests/support/catch.hpp"

namespace common {
namespace {

TEST_CASE("Socket addresses are read as they are written", "[common][address]") {
  const auto text = GENERATE("192.168.10.11:80", "0.0.0.0:65535", "255.255.255.255:1",
                             "10.0.100.7:8", "[::1]:443", "[2001:db8::5]:0");
  CAPTURE(text);
  const auto address = SocketAddress::parse(text);
  REQUIRE(address);
  CHECK(address->to_string() == text);
}

TEST_CASE("What is no socket address is refused", "[common][address]") {
  const auto text = GENERATE("", "192.168.10.11", ":80", "192.168.10.11:", "192.168.10.11:65536",
                             "192.168.10.11:080", "192.168.10.11:+80", "192.168.10.11:80 ",
                             "192.168.10.256:80", "::1:80", "[192.168.10.11]:80", "[::1%lo]:80",
                             "localhost:80", "999.1.1.1:80", "01.2.3.4:80");
  CAPTURE(text);
  CHECK_FALSE(SocketAddress::parse(text));
}

TEST_CASE("A prefix contains the addresses that share its bits", "[common][address]") {
  struct Case {
    const char* network;
    const char* address;
    bool inside;
  };
  const auto c = GENERATE(values<Case>({
      {"192.168.10.100/24", "192.168.10.255", true},
      {"192.168.10.100/24", "192.168.11.0", false},
      {"10.0.0.0/9", "10.127.255.255", true},
      {"10.0.0.0/9", "10.128.0.0", false},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "::1", false},
      {"192.168.10.100", "192.168.10.100", true},
      {"192.168.10.100", "192.168.10.101", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::/0", "192.168.10.1", false},
  }));
  CAPTURE(c.network, c.address);
  const auto network = PrefixedAddress::parse(c.network);
  const auto address = IpAddress::parse(c.address);
  REQUIRE(network);
  REQUIRE(address);
  CHECK(network->contains(*address) == c.inside);
}

TEST_CASE("A prefix longer than its address is refused", "[common][address]") {
  const auto text = GENERATE("10.0.0.1/33", "::1/129", "10.0.0.1/", "10.0.0.1/-1", "10.0.0.1/08",
                             "/24", "10.0.0.1/24/24");
  CAPTURE(text);
  CHECK_FALSE(PrefixedAddress::parse(text));
}

TEST_CASE("An IPv4 address is its number in host order", "[common][address]") {
  const auto address = IpAddress::v4(0xC0A80A0B);
  CHECK(address.to_string() == "192.168.10.11");
  CHECK(address.to_v4() == 0xC0A80A0B);
  CHECK(IpAddress::parse("192.168.10.12") > address);
  CHECK(IpAddress::parse("::") > IpAddress::v4(0xFFFFFFFF));
}

}  // namespace
}  // namespace common

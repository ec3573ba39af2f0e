#include "lb/net/peer.hpp"

#include "tests/support/catch.hpp"

using common::IpAddress;

TEST_CASE("An IPv4 address in IPv6's clothes is an IPv4 address", "[lb][net]") {
  for (const auto& [text, is] : std::vector<std::pair<const char*, const char*>>{
           {"::ffff:192.0.2.7", "192.0.2.7"},
           {"::ffff:0.0.0.0", "0.0.0.0"},
           {"192.0.2.7", "192.0.2.7"},
           {"::192.0.2.7", "::192.0.2.7"},
           {"2001:db8::ffff:c000:207", "2001:db8::ffff:c000:207"}}) {
    CAPTURE(text);
    CHECK(lb::net::unmapped(*IpAddress::parse(text)) == *IpAddress::parse(is));
  }
}

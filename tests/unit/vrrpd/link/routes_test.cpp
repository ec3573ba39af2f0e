#include "vrrpd/link/routes.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

common::IpAddress ip(std::string_view text) { return *common::IpAddress::parse(text); }

TEST_CASE("A route is told as ip(8) tells it", "[vrrp][link][routes]") {
  Route plain;
  plain.to = *common::PrefixedAddress::parse("10.8.0.0/16");
  CHECK(plain.to_string() == "10.8.0.0/16");
  const Route whole{.to = *common::PrefixedAddress::parse("0.0.0.0/0"),
                    .via = ip("192.168.10.1"),
                    .source = ip("192.168.10.100"),
                    .metric = 50,
                    .table = 100};
  CHECK(whole.to_string() == "default via 192.168.10.1 src 192.168.10.100 metric 50 table 100");
}

}  // namespace
}  // namespace vrrp::link

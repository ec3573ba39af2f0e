#include "lb/discovery/endpoint_list.hpp"

#include "tests/support/catch.hpp"

using namespace lb::discovery;

namespace {

Found found(const std::string& address) {
  return {*common::SocketAddress::parse(address), {}, {}, {}, {}};
}

}  // namespace

TEST_CASE("A list of endpoints has one a line", "[lb][discovery]") {
  const auto list = parse_endpoints(
      "# ours\r\n\n 10.0.0.1:80\t# the first\n[::1]:81 weight=0 tier=2 max_connections=7 name=two\n"
      "10.0.0.3:80 backup");
  REQUIRE(list.has_value());
  auto second = found("[::1]:81");
  second.weight = 0;
  second.tier = 2;
  second.most_connections = 7;
  second.name = "two";
  auto third = found("10.0.0.3:80");
  third.tier = 1000;
  CHECK(*list == std::vector<Found>{found("10.0.0.1:80"), second, third});
}

TEST_CASE("The first bad line of a list refuses it", "[lb][discovery]") {
  struct Case {
    const char* text;
    std::size_t line;
    const char* what;
  };
  for (const auto& [text, line, what] : {
           Case{"", 0, "it names no endpoint"},
           Case{"# nobody\n\n", 0, "it names no endpoint"},
           Case{"10.0.0.1:80\nx\n", 2, "\"x\" is no address:port"},
           Case{"10.0.0.1\n", 1, "is no address:port"},
           Case{"10.0.0.1:0\n", 1, "is no address:port"},
           Case{"10.0.0.1:80 10.0.0.2:80\n", 1, "\"10.0.0.2:80\" is none of"},
           Case{"10.0.0.1:80 weight=-1\n", 1, "\"weight=-1\" is none of"},
           Case{"10.0.0.1:80 weight=10001\n", 1, "is none of"},
           Case{"10.0.0.1:80 weight=\n", 1, "is none of"},
           Case{"10.0.0.1:80 tier=1x\n", 1, "is none of"},
           Case{"10.0.0.1:80 tier=99\n10.0.0.2:80 tier=100\n", 2, "is none of"},
           Case{"10.0.0.1:80 name=a\"b\n", 1, "is none of"},
           Case{"10.0.0.1:80\n\n10.0.0.1:80\n", 3, "is named twice"},
       }) {
    INFO(text);
    const auto list = parse_endpoints(text);
    REQUIRE_FALSE(list.has_value());
    CHECK(list.error().line == line);
    INFO(list.error().what);
    CHECK(list.error().what.find(what) != std::string::npos);
  }
  std::string many;
  for (int i = 1; i <= 1025; ++i) many += "10.0.0.1:" + std::to_string(i) + '\n';
  CHECK(parse_endpoints(many).error().line == 1025);
}

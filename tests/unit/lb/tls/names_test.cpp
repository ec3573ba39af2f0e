#include "lb/tls/names.hpp"

#include "tests/support/catch.hpp"

namespace lb::tls {
namespace {

TEST_CASE("A wildcard stands for one label, the leftmost, as a whole", "[lb][tls][rfc6125-6.4.3]") {
  CHECK(stands_for("*.example.kr", "www.example.kr"));
  CHECK_FALSE(stands_for("*.example.kr", "example.kr"));
  CHECK_FALSE(stands_for("*.example.kr", "a.www.example.kr"));
  CHECK_FALSE(stands_for("*.example.kr", ".example.kr"));
  CHECK_FALSE(stands_for("w*.example.kr", "www.example.kr"));
  CHECK(stands_for("www.example.kr", "www.example.kr"));
}

TEST_CASE("Exact names go before wildcards, and the first of a name stays", "[lb][tls]") {
  NameTable table;
  CHECK(table.add("*.example.kr", 1));
  CHECK(table.add("www.example.kr", 2));
  CHECK_FALSE(table.add("www.example.kr", 3));
  CHECK(table.find("www.example.kr") == 2U);
  CHECK(table.find("shop.example.kr") == 1U);
  CHECK_FALSE(table.find("example.kr"));
  CHECK_FALSE(table.find("a.b.example.kr"));
  CHECK_FALSE(table.find(""));
}

TEST_CASE("Below a wildcard is what ends in it, at any depth, and the nearest one counts",
          "[lb][tls]") {
  NameTable table;
  table.add("*.example.kr", 1);
  table.add("*.shop.example.kr", 2);
  table.add("www.example.kr", 3);
  for (const auto* const host : {"a.example.kr", "a.b.example.kr", "a.b.c.example.kr",
                                 "a.www.example.kr", ".example.kr", "a..example.kr"})
    CHECK(table.find_above(host) == 1U);
  for (const auto* const host : {"a.shop.example.kr", "a.b.shop.example.kr", ".shop.example.kr"})
    CHECK(table.find_above(host) == 2U);
  for (const auto* const host : {"example.kr", "kr", "", ".", "a.example.kr.", "xexample.kr"})
    CHECK_FALSE(table.find_above(host));
}

TEST_CASE("The name in a ClientHello is taken whole or not at all", "[lb][tls][rfc6066-3]") {
  const auto in = [](std::string extension) {
    return server_name_in(
        {reinterpret_cast<const unsigned char*>(extension.data()), extension.size()});
  };
  using namespace std::string_literals;
  CHECK(in("\0\x0a\0\0\x07"s + "A.Test.") == "a.test");
  CHECK(in("\0\x0a\1\0\x07"s + "a.test.").empty());  // of another kind
  CHECK(in("\0\x0a\0\0\x08"s + "a.test.").empty());  // longer than what has come
  CHECK(in("\0\x0a\0\0\x07"s + "a.t\0st."s).empty());
  CHECK(in("\0\3\0\0\0"s).empty());
  CHECK(in("").empty());
}

TEST_CASE("Names are compared without case, port, brackets and last dot", "[lb][tls]") {
  CHECK(host_of("WWW.Example.KR.:8443") == "www.example.kr");
  CHECK(host_of("[2001:DB8::1]:443") == "2001:db8::1");
  CHECK(host_of("[2001:db8::1") == "2001:db8::1");
  CHECK(host_of("").empty());
}

}  // namespace
}  // namespace lb::tls

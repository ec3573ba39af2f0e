#include "lb/proxy/client_origin.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace {

using namespace lb;
using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

proxy::ClientOrigin origin(const Lines& lines, std::string_view peer = "10.0.0.1",
                           std::vector<std::string_view> trusted = {"10.0.0.0/8"}) {
  http::RequestHead head;
  head.authority = "asked";
  for (const auto& [name, value] : lines)
    head.fields.push_back({name, value, http::identify(name), false});
  proxy::TrustedProxies networks;
  for (const auto text : trusted) networks.push_back(*common::PrefixedAddress::parse(text));
  return proxy::find_origin(head, *common::IpAddress::parse(peer), networks);
}

std::string client(const Lines& lines) { return origin(lines).address.to_string(); }

}  // namespace

TEST_CASE("Security 15: a stranger's word about itself is nothing", "[lb][proxy]") {
  const Lines lies{{"X-Forwarded-For", "6.6.6.6"},
                   {"X-Forwarded-Proto", "https"},
                   {"X-Forwarded-Host", "evil"},
                   {"X-Forwarded-Port", "666"},
                   {"Forwarded", "for=6.6.6.6"}};
  for (const auto& trusted : {std::vector<std::string_view>{}, {"10.0.0.0/8"}}) {
    const auto told = origin(lies, "192.0.2.9", trusted);
    CHECK(told.address.to_string() == "192.0.2.9");
    CHECK(told.scheme == "http");
    CHECK(told.host == "asked");
    CHECK(told.port.empty());
    CHECK(told.forwarded_for == "192.0.2.9");
    CHECK_FALSE(told.by_proxy);
    CHECK(told.forwarded.empty());
  }
}

TEST_CASE("The client is the last one that no trusted proxy is", "[lb][proxy]") {
  struct Row {
    Lines lines;
    std::string expected;
  };
  const std::vector<Row> rows{
      {{}, "10.0.0.1"},
      {{{"X-Forwarded-For", "192.0.2.1"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "6.6.6.6, 192.0.2.1"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "6.6.6.6, 192.0.2.1, 10.1.1.1"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "192.0.2.1,10.2.2.2"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "10.3.3.3, 10.2.2.2"}}, "10.3.3.3"},
      {{{"X-Forwarded-For", "192.0.2.1:4711"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1"},
      {{{"X-Forwarded-For", "[2001:db8::1]:80"}}, "2001:db8::1"},
      {{{"X-Forwarded-For", "192.0.2.1, unknown"}}, "10.0.0.1"},
      {{{"X-Forwarded-For", "192.0.2.1, 999.1.1.1"}}, "10.0.0.1"},
      {{{"X-Forwarded-For", "192.0.2.1, evil\"; x"}}, "10.0.0.1"},
      {{{"Forwarded", "for=192.0.2.1"}}, "192.0.2.1"},
      {{{"Forwarded", "For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1"}}, "2001:db8::1"},
      {{{"Forwarded", "for=6.6.6.6, for=192.0.2.1;host=h , for=10.0.0.7"}}, "192.0.2.1"},
      {{{"Forwarded", "for=192.0.2.1, for=_hidden"}}, "10.0.0.1"},
      {{{"Forwarded", "for=192.0.2.1,"}}, "10.0.0.1"},
      {{{"Forwarded", "for=\"192.0.2.1"}}, "10.0.0.1"},
      {{{"Forwarded", "for 192.0.2.1"}}, "10.0.0.1"},
      // One of the two may be the client's own: only when they agree are they believed.
      {{{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=192.0.2.1"}}, "192.0.2.1"},
      {{{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=6.6.6.6"}}, "10.0.0.1"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(client(rows[i].lines) == rows[i].expected);
  }
}

TEST_CASE("What a trusted proxy says is passed on and added to", "[lb][proxy]") {
  const auto told = origin({{"X-Forwarded-For", "6.6.6.6, 192.0.2.1"},
                            {"X-Forwarded-Proto", "HTTPS"},
                            {"X-Forwarded-Host", "public:444"},
                            {"X-Forwarded-Port", "444"}});
  CHECK(told.forwarded_for == "6.6.6.6, 192.0.2.1, 10.0.0.1");
  CHECK(told.scheme == "https");
  CHECK(told.host == "public:444");
  CHECK(told.port == "444");
  const auto forwarded = origin({{"Forwarded", "for=192.0.2.1;proto=https;host=\"public\""}});
  CHECK(forwarded.forwarded == "for=192.0.2.1;proto=https;host=\"public\"");
  CHECK(forwarded.scheme == "https");
  CHECK(forwarded.host == "public");
  const auto odd = origin({{"X-Forwarded-Proto", "gopher"},
                           {"X-Forwarded-Host", "a/b"},
                           {"X-Forwarded-Port", "8o"},
                           {"Forwarded", "nonsense"}});
  CHECK(odd.scheme == "http");
  CHECK(odd.host == "asked");
  CHECK(odd.port.empty());
  CHECK(odd.forwarded.empty());
}

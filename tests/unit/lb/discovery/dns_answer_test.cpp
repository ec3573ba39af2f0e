#include "lb/discovery/dns_answer.hpp"

#include "tests/support/catch.hpp"

#include <ares.h>
#include <initializer_list>

using namespace lb::discovery;
using namespace std::chrono_literals;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets& operator+=(Octets& to, const Octets& more) {
  to.insert(to.end(), more.begin(), more.end());
  return to;
}

Octets u16(unsigned value) {
  return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

constexpr unsigned kA = 1;
constexpr unsigned kCname = 5;
constexpr unsigned kAaaa = 28;
constexpr unsigned kSrv = 33;

const Octets kName{3, 'a', 'p', 'p', 0};
const Octets kToName{0xC0, 12};

struct Record {
  unsigned type;
  std::uint8_t ttl;
  Octets data;
  Octets name{kToName};
};

/// The answer of a name server to a question for `app`.
Octets answer(unsigned type, std::initializer_list<Record> records) {
  Octets message{0, 1, 0x81, 0x80, 0, 1};
  message += u16(static_cast<unsigned>(records.size()));
  message += {0, 0, 0, 0};
  message += kName;
  message += u16(type);
  message += {0, 1};
  for (const auto& record : records) {
    message += record.name;
    message += u16(record.type);
    message += {0, 1, 0, 0, 0, record.ttl};
    message += u16(static_cast<unsigned>(record.data.size()));
    message += record.data;
  }
  return message;
}

Octets service(unsigned priority, unsigned weight, unsigned port, const Octets& host) {
  auto data = u16(priority);
  data += u16(weight);
  data += u16(port);
  data += host;
  return data;
}

std::vector<std::string> names(const Addresses& addresses) {
  std::vector<std::string> all;
  for (const auto& address : addresses.list) all.push_back(address.to_string());
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Addresses are in order, each once, with the least TTL", "[lb][discovery]") {
  const auto v4 = parse_v4(
      answer(kA, {{kA, 30, {10, 0, 0, 2}}, {kA, 20, {10, 0, 0, 1}}, {kA, 40, {10, 0, 0, 2}}}));
  REQUIRE(v4.has_value());
  CHECK(names(*v4) == Names{"10.0.0.1", "10.0.0.2"});
  CHECK(v4->ttl == 20s);
  Octets loopback(16, 0);
  loopback[15] = 1;
  const auto v6 = parse_v6(answer(kAaaa, {{kAaaa, 9, loopback}}));
  REQUIRE(v6.has_value());
  CHECK(names(*v6) == Names{"::1"});
}

TEST_CASE("An alias is followed and its TTL counts", "[lb][discovery]") {
  const auto found =
      parse_v4(answer(kA, {{kCname, 5, {1, 'b', 0}}, {kA, 60, {10, 0, 0, 1}, {1, 'b', 0}}}));
  REQUIRE(found.has_value());
  CHECK(names(*found) == Names{"10.0.0.1"});
  CHECK(found->ttl == 5s);
}

TEST_CASE("Security 39: addresses that no endpoint can have are left out", "[lb][discovery]") {
  const auto found = parse_v4(answer(kA, {{kA, 9, {0, 0, 0, 0}},
                                          {kA, 9, {224, 0, 0, 1}},
                                          {kA, 9, {255, 255, 255, 255}},
                                          {kA, 9, {127, 0, 0, 1}}}));
  REQUIRE(found.has_value());
  CHECK(names(*found) == Names{"127.0.0.1"});
  CHECK(parse_v4(answer(kA, {{kA, 9, {0, 0, 0, 0}}})).error().status == ARES_ENODATA);
  CHECK(parse_v4(answer(kA, {})).error().status == ARES_ENODATA);
}

TEST_CASE("Services are in order of priority, with the least TTL", "[lb][discovery]") {
  const Octets a{1, 'a', 0};
  const Octets b{1, 'b', 0};
  const auto found = parse_services(answer(kSrv, {{kSrv, 30, service(20, 1, 81, b)},
                                                  {kSrv, 20, service(10, 5, 80, b)},
                                                  {kSrv, 30, service(10, 0, 80, a)},
                                                  {kSrv, 30, service(5, 0, 0, a)},
                                                  {kSrv, 30, service(5, 0, 80, {0})}}));
  REQUIRE(found.has_value());
  CHECK(found->list == std::vector<Service>{{"a", 80, 10, 0}, {"b", 80, 10, 5}, {"b", 81, 20, 1}});
  CHECK(found->ttl == 20s);
}

TEST_CASE("Security 39: no answer that is cut or lies about its lengths is believed",
          "[lb][discovery]") {
  const auto whole = answer(kSrv, {{kSrv, 9, service(1, 1, 80, {1, 'a', 0})}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    CHECK_FALSE(parse_services(cut).has_value());
    CHECK_FALSE(parse_v4(cut).has_value());
    CHECK_FALSE(parse_v6(cut).has_value());
  }
  auto loop = whole;
  loop[12] = 0xC0;  // a name that points at itself
  loop[13] = 12;
  CHECK_FALSE(parse_services(loop).has_value());
}

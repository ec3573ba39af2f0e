#include "lb/proxy_protocol/header.hpp"

#include "lb/proxy_protocol/write.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace {

using namespace lb::proxy_protocol;
using common::SocketAddress;

const std::string kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string octets(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

/// Version 2: command, family, what follows.
std::string binary(int command, int family, const std::string& rest) {
  return kSignature +
         octets({command, family, static_cast<int>(rest.size() >> 8U),
                 static_cast<int>(rest.size() & 0xFFU)}) +
         rest;
}

const std::string kV4 = octets({192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 0x04, 0x01, 0xBB});

std::string verdict(const std::string& text) {
  const auto parsed = parse_header(text);
  if (!parsed) return "error " + std::to_string(static_cast<int>(parsed.error()));
  if (!*parsed) return "more";
  const auto& header = **parsed;
  auto out = std::to_string(header.size);
  if (header.ends)
    out += ' ' + header.ends->source.to_string() + ' ' + header.ends->destination.to_string();
  return out;
}

std::string error(Errc errc) { return "error " + std::to_string(static_cast<int>(errc)); }

}  // namespace

TEST_CASE("A PROXY header tells both ends", "[lb][proxy_protocol]") {
  CHECK(verdict("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /") ==
        "45 192.0.2.1:56324 198.51.100.2:443");
  CHECK(verdict("PROXY TCP6 2001:db8::1 2001:db8::2 1 0\r\n") ==
        "40 [2001:db8::1]:1 [2001:db8::2]:0");
  CHECK(verdict("PROXY UNKNOWN\r\n") == "15");
  CHECK(verdict("PROXY UNKNOWN ffff::1 what ever\r\n") == "33");
  CHECK(verdict(binary(0x21, 0x11, kV4) + "GET") == "28 192.0.2.1:56324 198.51.100.2:443");
  CHECK(verdict(binary(0x20, 0x00, "")) == "16");
  CHECK(verdict(binary(0x20, 0x11, kV4)) == "28");  // LOCAL: what it says is not to be used
  CHECK(verdict(binary(0x21, 0x31, std::string(216, 'x'))) == "232");
  CHECK(verdict(binary(0x21, 0x11, kV4 + octets({0x04, 0, 1, 7}))) ==
        "32 192.0.2.1:56324 198.51.100.2:443");
}

TEST_CASE("Security 36: a PROXY header that is not quite one is refused", "[lb][proxy_protocol]") {
  struct Row {
    std::string octets;
    Errc reason;
  };
  const std::vector<Row> rows{
      {"GET / HTTP/1.1\r\n", Errc::NoHeader},
      {"proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n", Errc::NoHeader},
      {"PROXY TCP4 999.1.1.1 198.51.100.2 1 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.01 198.51.100.2 1 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 +1 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", Errc::BadAddress},
      {"PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n", Errc::BadAddress},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n", Errc::BadLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", Errc::BadLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n", Errc::BadLine},
      {"PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n", Errc::BadLine},
      {"PROXY TCP4\t192.0.2.1 198.51.100.2 1 2\r\n", Errc::BadLine},
      {"PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n", Errc::BadLine},
      {"PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n", Errc::BadLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n", Errc::BadLine},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\rx", Errc::BadLine},
      {"PROXY UNKNOWN " + std::string(200, 'x'), Errc::TooLong},
      {binary(0x11, 0x11, kV4), Errc::BadVersion},
      {binary(0x22, 0x11, kV4), Errc::BadVersion},
      {binary(0x21, 0x12, kV4), Errc::BadFamily},  // a datagram
      {binary(0x21, 0x41, kV4), Errc::BadFamily},
      {binary(0x21, 0x21, kV4), Errc::BadFamily},  // too short for IPv6
      {binary(0x21, 0x11, kV4.substr(1)), Errc::BadFamily},
      {binary(0x21, 0x11, kV4 + octets({0x04, 0})), Errc::BadTlv},
      {binary(0x21, 0x11, kV4 + octets({0x04, 0, 2, 7})), Errc::BadTlv},
      {binary(0x21, 0x11, kV4 + octets({0x03, 0, 4, 1, 2, 3, 4})), Errc::BadChecksum},
      {binary(0x21, 0x11, kV4 + octets({0x03, 0, 2, 1, 2})), Errc::BadTlv},
      {binary(0x21, 0x11, kV4 + std::string(kLongestHeader, '\0')), Errc::TooLong},
  };
  for (const auto& row : rows) {
    CAPTURE(row.octets);
    CHECK(verdict(row.octets) == error(row.reason));
  }
}

TEST_CASE("The checksum of a PROXY header is compared", "[lb][proxy_protocol]") {
  // CRC32c of the header with a zero checksum, computed apart from lbd.
  const auto header = [](const std::string& sum) {
    return binary(0x20, 0x11, std::string(12, '\0') + octets({0x03, 0, 4}) + sum);
  };
  const auto right = header(octets({0xD5, 0x61, 0x77, 0xAD}));
  CHECK(verdict(right) == "35");
  for (std::size_t bit = 0; bit < 8; ++bit) {
    auto wrong = right;
    wrong[20] = static_cast<char>(wrong[20] ^ (1 << bit));
    CHECK(verdict(wrong) == error(Errc::BadChecksum));
  }
}

TEST_CASE("However a PROXY header is cut, more is asked for until it is whole",
          "[lb][proxy_protocol]") {
  for (const std::string& whole : {std::string{"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"},
                                   binary(0x21, 0x11, kV4 + octets({0x04, 0, 1, 7}))}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(verdict(whole.substr(0, size)) == "more");
    }
    CHECK(verdict(whole).starts_with(std::to_string(whole.size())));
  }
}

TEST_CASE("What is written is what is read", "[lb][proxy_protocol]") {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"192.0.2.1:56324", "198.51.100.2:443"}, {"[2001:db8::1]:1", "[::1]:65535"}};
  for (const auto& [from, to] : pairs)
    for (const auto version : {Version::V1, Version::V2}) {
      const auto text = header_of(version, *SocketAddress::parse(from), *SocketAddress::parse(to));
      CHECK(verdict(text) == std::to_string(text.size()) + ' ' + from + ' ' + to);
    }
  CHECK(verdict(local_header(Version::V1)) == "15");
  CHECK(verdict(local_header(Version::V2)) == "16");
  CHECK(header_of(Version::None, {}, {}).empty());
  CHECK(header_of(Version::V1, *SocketAddress::parse("[::1]:1"),
                  *SocketAddress::parse("192.0.2.1:1")) == "PROXY UNKNOWN\r\n");
}

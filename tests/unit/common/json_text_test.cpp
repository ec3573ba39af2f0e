#include "common/json_text.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

namespace common {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST_CASE("Strings are escaped as RFC 8259 §7 wants", "[common][json]") {
  CHECK(quoted("plain") == R"("plain")");
  CHECK(quoted("a\"b\\c\n\r\t") == R"("a\"b\\c\n\r\t")");
  CHECK(quoted(std::string_view{"\0\x1f\x7f", 3}) == R"("\u0000\u001f\u007f")");
  CHECK(quoted("예약") == "\"예약\"");
}

TEST_CASE("Octets that are no UTF-8 become U+FFFD", "[common][json]") {
  const auto text = GENERATE("\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82",
                             "\xF0\x8F\xBF\xBF", "\xFF");
  const auto out = quoted(text);
  CHECK(out.find("\xEF\xBF\xBD") != std::string::npos);
  CHECK_NOTHROW(boost::json::parse(out));
}

TEST_CASE("Any octets make a string that a strict parser takes back", "[common][json]") {
  std::uint32_t seed = 20261123;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::uint32_t i = 0; i < 24; ++i) {
      seed = seed * 1664525 + 1013904223;
      text += static_cast<char>(seed >> 24U);
    }
    CAPTURE(round);
    CHECK_NOTHROW(boost::json::parse(quoted(text)));
  }
}

TEST_CASE("A long text is cut at the limit", "[common][json]") {
  std::string out;
  append_json_string(out, std::string(100, 'x'), 10);
  CHECK(out == '"' + std::string(10, 'x') + '"');
}

}  // namespace
}  // namespace common

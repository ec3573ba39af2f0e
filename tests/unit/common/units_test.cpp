#include "common/units.hpp"

#include "tests/support/catch.hpp"

namespace common {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Durations carry one unit", "[common][units]") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("2s") == 2s);
  CHECK(parse_duration("0s") == 0ns);
  CHECK(parse_duration("15us") == 15us);
  CHECK(parse_duration("3m") == 3min);
  CHECK(parse_duration("24h") == 24h);
}

TEST_CASE("What is no duration is refused", "[common][units]") {
  const auto text = GENERATE("", "5", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1.5s", "1sec", "1S",
                             "10ns", "9223372036854775807h", "99999999999999999999s", "0x1s");
  CAPTURE(text);
  CHECK_FALSE(parse_duration(text));
}

TEST_CASE("Sizes carry one unit or none", "[common][units]") {
  CHECK(parse_bytes("64KiB") == Bytes{65536});
  CHECK(parse_bytes("512") == Bytes{512});
  CHECK(parse_bytes("512B") == Bytes{512});
  CHECK(parse_bytes("2GiB") == Bytes{2147483648});
  const auto wrong =
      GENERATE("", "KiB", "64KB", "64kib", "-1", "1.5MiB", "64 KiB", "18446744073709551615GiB");
  CAPTURE(wrong);
  CHECK_FALSE(parse_bytes(wrong));
}

TEST_CASE("A value is printed in its largest whole unit", "[common][units]") {
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(120s) == "2m");
  CHECK(format_duration(-3ms) == "-3ms");
  CHECK(format_duration(7ns) == "7ns");
  CHECK(format_bytes({65536}) == "64KiB");
  CHECK(format_bytes({1000}) == "1000B");
}

}  // namespace
}  // namespace common

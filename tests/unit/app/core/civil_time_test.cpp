#include "app/core/civil_time.hpp"

#include "tests/support/catch.hpp"

using namespace booking::core;
using common::WallTime;
using std::chrono::microseconds;

TEST_CASE("Times are written as Seoul's clock shows them", "[app][core][rfc3339]") {
  struct Row {
    std::int64_t micros;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {0, "1970-01-01T09:00:00+09:00"},
      {1'796'086'800'000'000, "2026-12-01T10:00:00+09:00"},
      {1'796'086'800'000'001, "2026-12-01T10:00:00.000001+09:00"},
      {1'798'729'199'000'000, "2026-12-31T23:59:59+09:00"},
      {-1, "1970-01-01T08:59:59.999999+09:00"},
  }));
  CHECK(format_rfc3339(WallTime{microseconds{row.micros}}) == row.text);
  CHECK(parse_rfc3339(row.text) == WallTime{microseconds{row.micros}});
}

TEST_CASE("Any offset is understood", "[app][core][rfc3339]") {
  const auto text =
      GENERATE("2026-12-01T10:00:00+09:00", "2026-12-01T01:00:00Z", "2026-12-01t01:00:00z",
               "2026-11-30T20:00:00-05:00", "2026-12-01T10:00:00.0000009+09:00",
               "2026-12-01T01:00:00-00:00", "2026-12-01T06:30:00+05:30");
  CAPTURE(text);
  CHECK(parse_rfc3339(text) == WallTime{microseconds{1'796'086'800'000'000}});
}

TEST_CASE("What is no time is refused", "[app][core][rfc3339]") {
  const auto text =
      GENERATE("", "2026-12-01", "2026-12-01T10:00:00", "2026-12-01 10:00:00+09:00",
               "2026-13-01T10:00:00Z", "2026-02-29T10:00:00Z", "2026-12-01T24:00:00Z",
               "2026-12-01T10:60:00Z", "2016-12-31T23:59:60Z", "2026-12-01T10:00:00.Z",
               "2026-12-01T10:00:00+24:00", "2026-12-01T10:00:00+0900", "2026-12-01T10:00:00Z ",
               "26-12-01T10:00:00Z", "2026-12-01T1:00:00Z", "+026-12-01T10:00:00Z");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("Days exist or are refused", "[app][core]") {
  CHECK(format_date(parse_date("2028-02-29").value()) == "2028-02-29");
  for (const auto* text : {"2026-02-29", "2026-00-01", "2026-1-1", "2026-12-01x", "", "20261201"})
    CHECK_FALSE(parse_date(text));
}

TEST_CASE("A clock reads from midnight to the end of the day", "[app][core]") {
  for (const auto* text : {"00:00", "09:00", "13:30", "23:59", "24:00"})
    CHECK(format_clock(parse_clock(text).value()) == text);
  for (const auto* text :
       {"", "9:00", "09:0", "0900", "09:60", "24:01", "25:00", "09:00 ", "09:00:00", "+9:00"})
    CHECK_FALSE(parse_clock(text));
}

TEST_CASE("A day in Seoul begins nine hours before UTC's", "[app][core]") {
  CHECK(seoul_date(parse_rfc3339("2026-11-30T14:59:59Z").value()) == parse_date("2026-11-30"));
  CHECK(seoul_date(parse_rfc3339("2026-11-30T15:00:00Z").value()) == parse_date("2026-12-01"));
}

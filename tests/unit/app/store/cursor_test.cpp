#include "app/store/cursor.hpp"

#include "tests/support/catch.hpp"

using booking::store::Cursor;
using booking::store::parse_cursor;

TEST_CASE("A cursor reads back", "[app][store]") {
  const Cursor cursor{common::WallTime{std::chrono::microseconds{1'796'086'800'123'456}},
                      {0x01, 0xFF, 0x80, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xAB}};
  const auto text = booking::store::to_text(cursor);
  CHECK(text ==
        "000661880bb50640"
        "01ff80040506070809"
        "0a0b0c0d0e0fab");
  CHECK(parse_cursor(text) == cursor);
}

TEST_CASE("What is no cursor is refused", "[app][store]") {
  CHECK_FALSE(parse_cursor(""));
  CHECK_FALSE(parse_cursor(std::string(47, '0')));
  CHECK_FALSE(parse_cursor(std::string(49, '0')));
  CHECK_FALSE(parse_cursor(std::string(47, '0') + "g"));
  CHECK_FALSE(parse_cursor(std::string(47, '0') + "A"));
  CHECK(parse_cursor(std::string(48, '0')));
}

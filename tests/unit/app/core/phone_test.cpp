#include "app/core/phone.hpp"

#include "tests/support/catch.hpp"

using booking::core::Phone;

TEST_CASE("Every way of writing a number is the same number", "[app][core]") {
  const auto text =
      GENERATE("010-1234-5678", "01012345678", "010 1234 5678", "010.1234.5678", "+82 10 1234 5678",
               "+82-10-1234-5678", "+82 (0)10-1234-5678", "0082 10 1234 5678", "82-10-1234-5678",
               " 010-1234-5678 ", "０１０－１２３４－５６７８", "＋８２ 10 1234 5678",
               "010‐1234–5678", "\u202A010-1234-5678\u202C", "010\u00A01234\u30005678");
  CAPTURE(text);
  const auto phone = Phone::parse(text);
  REQUIRE(phone);
  CHECK(phone->e164() == "+821012345678");
  CHECK(phone->national() == "010-1234-5678");
  CHECK(phone->masked() == "010-****-5678");
  CHECK(phone->last_four() == "5678");
}

TEST_CASE("Numbers of every kind are understood", "[app][core]") {
  struct Row {
    const char* text;
    const char* e164;
    const char* national;
    const char* masked;
  };
  const auto row = GENERATE(values<Row>({
      {"02-123-4567", "+8221234567", "02-123-4567", "02-***-4567"},
      {"02-1234-5678", "+82212345678", "02-1234-5678", "02-****-5678"},
      {"031-123-4567", "+82311234567", "031-123-4567", "031-***-4567"},
      {"064-1234-5678", "+826412345678", "064-1234-5678", "064-****-5678"},
      {"070-1234-5678", "+827012345678", "070-1234-5678", "070-****-5678"},
      {"0502-123-4567", "+825021234567", "0502-123-4567", "0502-***-4567"},
      {"011-234-5678", "+82112345678", "011-234-5678", "011-***-5678"},
  }));
  CAPTURE(row.text);
  const auto phone = Phone::parse(row.text);
  REQUIRE(phone);
  CHECK(phone->e164() == row.e164);
  CHECK(phone->national() == row.national);
  CHECK(phone->masked() == row.masked);
  CHECK(Phone::parse(phone->e164()) == phone);  // what is stored can be read back
}

TEST_CASE("What is no Korean number is refused", "[app][core]") {
  const auto text =
      GENERATE("", "0", "+", "+82", "010", "010-1234-567", "010-1234-56789", "10-1234-5678",
               "+1 212 555 0100", "+82+1012345678", "099-1234-5678", "02-12-4567", "02-0123-4567",
               "abc", "010-1234-567a", "112", "٠١٠-1234-5678", "010-1234-567\xEF",
               "010                                    12345678");
  CAPTURE(text);
  CHECK_FALSE(Phone::parse(text));
}

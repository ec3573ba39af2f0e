#include "app/core/booking_number.hpp"

#include "tests/support/catch.hpp"

#include <random>
#include <set>

using booking::core::BookingNumber;

namespace {

std::mt19937_64 seeded() {
  const auto seed = std::random_device{}();
  UNSCOPED_INFO("seed " << seed);
  return std::mt19937_64{seed};
}

}  // namespace

TEST_CASE("A number is nine characters of the alphabet and reads back", "[app][core]") {
  auto random = seeded();
  for (int i = 0; i < 1000; ++i) {
    const auto number = BookingNumber::from_entropy(random());
    CHECK(number.text().size() == BookingNumber::kLength);
    CHECK(number.text().find_first_not_of(BookingNumber::kAlphabet) == std::string::npos);
    CHECK(BookingNumber::parse(number.text()) == number);
    CHECK(BookingNumber::parse(number.grouped()) == number);
  }
}

TEST_CASE("The same bits make the same number, others another", "[app][core]") {
  CHECK(BookingNumber::from_entropy(0).text() == "000000000");
  CHECK(BookingNumber::from_entropy(7) == BookingNumber::from_entropy(7));
  std::set<std::string> numbers;
  for (std::uint64_t bits = 0; bits < 2000; ++bits)
    numbers.insert(BookingNumber::from_entropy(bits * 0x9E37'79B9'7F4A'7C15U).text());
  CHECK(numbers.size() == 2000);
}

TEST_CASE("Any one wrong character is noticed", "[app][core]") {
  auto random = seeded();
  for (int i = 0; i < 50; ++i) {
    const auto text = BookingNumber::from_entropy(random()).text();
    for (std::size_t at = 0; at < text.size(); ++at)
      for (const char other : BookingNumber::kAlphabet) {
        auto wrong = text;
        wrong[at] = other;
        CHECK(BookingNumber::parse(wrong).has_value() == (wrong == text));
      }
  }
}

TEST_CASE("Any two characters swapped are noticed", "[app][core]") {
  auto random = seeded();
  for (int i = 0; i < 50; ++i) {
    const auto text = BookingNumber::from_entropy(random()).text();
    for (std::size_t a = 0; a + 1 < text.size(); ++a)
      for (std::size_t b = a + 1; b + 1 < text.size(); ++b) {
        auto wrong = text;
        std::swap(wrong[a], wrong[b]);
        CHECK(BookingNumber::parse(wrong).has_value() == (wrong == text));
      }
  }
}

TEST_CASE("Case, hyphens, blanks and look-alikes are forgiven", "[app][core]") {
  const auto number = BookingNumber::from_entropy(29 * 5 + 1);  // 15000000 and its check character
  REQUIRE(number.text().starts_with("15000000"));
  const std::string check{number.text().back()};
  for (const std::string text : {"15000000", "I5000000", "l5OoO0-00", "150-000-00", " 150 00000"})
    CHECK(BookingNumber::parse(text + check) == number);

  auto lower = BookingNumber::from_entropy(0x1234'5678'9ABC'DEF0U).text();
  const auto upper = lower;
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  CHECK(BookingNumber::parse(lower)->text() == upper);
}

TEST_CASE("What is not a number is refused", "[app][core]") {
  const auto text =
      GENERATE("", "-", "00000000", "0000000000", "00000000A", "000000000 x", "00000000\n0",
               "０00000000", "0000000000000000000000000000000000000000000000000");
  CAPTURE(text);
  CHECK_FALSE(BookingNumber::parse(text));
}

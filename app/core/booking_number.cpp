#include "app/core/booking_number.hpp"

namespace booking::core {
namespace {

constexpr auto kBase = static_cast<std::uint32_t>(BookingNumber::kAlphabet.size());
static_assert(kBase == 29, "the check character relies on a prime");

/// Weights 1 to 8 over a prime: a changed character changes the sum, and so do two swapped ones.
char check_character(std::string_view random_part) {
  std::uint32_t sum = 0;
  std::uint32_t weight = 1;
  for (const char c : random_part)
    sum += weight++ * static_cast<std::uint32_t>(BookingNumber::kAlphabet.find(c));
  return BookingNumber::kAlphabet[(kBase - sum % kBase) % kBase];
}

char canonical(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

}  // namespace

BookingNumber BookingNumber::from_entropy(std::uint64_t random_bits) {
  // 2^64 is 37 million times 29^8: the remainder favours no number by more than that part.
  std::string text;
  while (text.size() < kLength - 1) {
    text += kAlphabet[random_bits % kBase];
    random_bits /= kBase;
  }
  text += check_character(text);
  return BookingNumber{std::move(text)};
}

std::optional<BookingNumber> BookingNumber::parse(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    const char known = canonical(c);
    if (kAlphabet.find(known) == std::string_view::npos || plain.size() == kLength)
      return std::nullopt;
    plain += known;
  }
  if (plain.size() != kLength) return std::nullopt;
  if (check_character(std::string_view{plain}.substr(0, kLength - 1)) != plain.back())
    return std::nullopt;
  return BookingNumber{std::move(plain)};
}

std::string BookingNumber::grouped() const {
  return text_.substr(0, 3) + "-" + text_.substr(3, 3) + "-" + text_.substr(6);
}

}  // namespace booking::core

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace booking::core {

/// What a guest keeps to find a booking again: eight random characters and one that checks them.
/// The alphabet has 29 characters (no vowels, so no words; no I, L, O, U or Y), a prime, so every
/// single wrong character and every swap of two is noticed. 29^8 is about 39 bits.
class BookingNumber {
 public:
  static constexpr std::string_view kAlphabet = "0123456789BCDFGHJKMNPQRSTVWXZ";
  static constexpr std::size_t kLength = 9;  // with the check character

  /// The number that 64 random bits stand for; the caller brings the randomness.
  static BookingNumber from_entropy(std::uint64_t random_bits);
  /// Forgives case, hyphens, blanks and the look-alikes O (0), I and L (1); never a wrong check
  /// character.
  static std::optional<BookingNumber> parse(std::string_view text);

  /// `K7M29QX4C`: what is stored.
  const std::string& text() const { return text_; }
  /// `K7M-29Q-X4C`: what people and the API are shown.
  std::string grouped() const;

  auto operator<=>(const BookingNumber&) const = default;

 private:
  explicit BookingNumber(std::string text) : text_{std::move(text)} {}

  std::string text_;
};

}  // namespace booking::core

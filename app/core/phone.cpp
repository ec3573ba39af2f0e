#include "app/core/phone.hpp"

#include "app/core/text.hpp"

#include <algorithm>

namespace booking::core {
namespace {

// What is longer is no telephone number, however it is spaced.
constexpr std::size_t kMostPoints = 40;

/// A Korean keyboard writes digits of full width, telephones put hyphens of print and marks of
/// direction, which nobody sees, around a number that is copied: the ASCII of it, and a blank for
/// what is not seen.
std::uint32_t plain(std::uint32_t point) {
  if (point >= 0xFF01 && point <= 0xFF5E) return point - 0xFF00 + 0x20;  // full width
  if ((point >= 0x2010 && point <= 0x2015) || point == 0x2212) return '-';
  return is_unseen(point) ? std::uint32_t{' '} : point;
}

/// The digits of `text`, with `+` kept when it leads; nothing when anything else stands there.
std::optional<std::string> digits_of(std::string_view text) {
  std::string digits;
  for (std::size_t points = 0; !text.empty(); ++points) {
    const auto taken = take_code_point(text);
    if (!taken || points >= kMostPoints) return std::nullopt;
    const auto point = plain(*taken);
    if ((point >= '0' && point <= '9') || (point == '+' && digits.empty())) {
      digits += static_cast<char>(point);
    } else if (point > 0x7F ||
               std::string_view{" -.()"}.find(static_cast<char>(point)) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return digits;
}

/// Cuts the ways of saying "Korea" off the front; what is left may still lead with the national 0.
std::string_view without_country(std::string_view digits) {
  for (const std::string_view prefix : {"+82", "0082", "82"})
    if (digits.starts_with(prefix)) return digits.substr(prefix.size());
  return digits;
}

bool starts_with_one_of(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [text](std::string_view prefix) { return text.starts_with(prefix); });
}

/// How many digits the prefix of a national number (without its 0) has; 0 when there is no such
/// one.
std::size_t prefix_length(std::string_view number) {
  if (number.starts_with('2')) return 1;                                           // Seoul
  if (starts_with_one_of(number, {"10", "11", "16", "17", "18", "19"})) return 2;  // mobile
  if (starts_with_one_of(number,
                         {"31", "32", "33", "41", "42", "43", "44", "51", "52",  // provinces
                          "53", "54", "55", "61", "62", "63", "64"}))
    return 2;
  if (number.starts_with("70")) return 2;                        // internet telephony
  if (number.starts_with("50") && number.size() >= 3) return 3;  // 050x, personal numbers
  return 0;
}

bool exists(std::string_view number) {
  const auto prefix = prefix_length(number);
  if (prefix == 0 || number.size() <= prefix) return false;
  const auto subscriber = number.substr(prefix);
  if (number.starts_with("10") || number.starts_with("70")) return subscriber.size() == 8;
  return (subscriber.size() == 7 || subscriber.size() == 8) && subscriber.front() != '0';
}

struct Parts {
  std::string prefix, middle, last;
};

Parts split(std::string_view e164) {
  const auto number = e164.substr(3);
  const auto prefix = prefix_length(number);
  return {"0" + std::string{number.substr(0, prefix)},
          std::string{number.substr(prefix, number.size() - prefix - 4)},
          std::string{number.substr(number.size() - 4)}};
}

}  // namespace

std::optional<Phone> Phone::parse(std::string_view text) {
  const auto digits = digits_of(text);
  if (!digits) return std::nullopt;
  auto number = without_country(*digits);
  const bool foreign_form = number.size() != digits->size();
  if (number.starts_with('0')) {
    number.remove_prefix(1);
  } else if (!foreign_form) {
    return std::nullopt;  // a national number has its 0, or it is short of a digit
  }
  if (!exists(number)) return std::nullopt;
  return Phone{"+82" + std::string{number}};
}

std::string Phone::national() const {
  const auto [prefix, middle, last] = split(e164_);
  return prefix + "-" + middle + "-" + last;
}

std::string Phone::masked() const {
  const auto [prefix, middle, last] = split(e164_);
  return prefix + "-" + std::string(middle.size(), '*') + "-" + last;
}

std::string Phone::last_four() const { return e164_.substr(e164_.size() - 4); }

}  // namespace booking::core

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace booking::core {

/// A Korean telephone number, always kept as +82 and the number without its leading zero, so that
/// one person is one customer however they write it.
class Phone {
 public:
  /// Takes national (`010-1234-5678`, `02 123 4567`) and international forms (`+82 10 1234 5678`,
  /// `+82 (0)10…`, `0082…`, `82…`); blanks, dots, hyphens and brackets may stand between digits,
  /// all of them of full width as well, and what a telephone copies along unseen.
  /// Nothing for a number that cannot exist in Korea.
  static std::optional<Phone> parse(std::string_view text);

  /// `+821012345678`: what is stored and compared.
  const std::string& e164() const { return e164_; }
  /// `010-1234-5678`: what people read.
  std::string national() const;
  /// `010-****-5678`: what may stand in a log.
  std::string masked() const;
  std::string last_four() const;

  bool operator==(const Phone&) const = default;

 private:
  explicit Phone(std::string e164) : e164_{std::move(e164)} {}

  std::string e164_;
};

}  // namespace booking::core

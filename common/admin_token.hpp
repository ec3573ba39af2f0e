#pragma once

#include "common/result.hpp"

#include <array>
#include <string>
#include <string_view>

namespace common {

/// The secret that an operator shows to change something. Only its digest is kept.
class AdminToken {
 public:
  static constexpr std::size_t kShortest = 16;  // characters
  static constexpr std::size_t kLongest = 512;

  struct Fault {
    std::string wrong;
    std::string right;
  };
  /// The first line of a file that only its owner and group may read. It is opened now; a change
  /// counts with the next reload.
  static Result<AdminToken, Fault> from_file(const std::string& path);
  static Result<AdminToken, Fault> from_text(std::string_view text);

  /// In a time that does not tell how much of `given` is right.
  bool matches(std::string_view given) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view text);

  Digest digest_{};
};

}  // namespace common

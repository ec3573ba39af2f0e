#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace lb::filters {

struct PasswordFault {
  std::size_t line{0};
  std::string wrong, right;
};

/// Names and hashes of passwords: `name:hash` a line, `#` begins a comment.
class PasswordFile {
 public:
  static constexpr std::size_t kMostUsers = 10'000;

  /// Takes argon2id (`$argon2id$`), bcrypt (`$2b$`, `$2y$`), yescrypt (`$y$`) and SHA-crypt (`$5$`,
  /// `$6$`). What can be turned back quickly (plain text, MD5, SHA-1) is refused.
  static std::variant<PasswordFile, PasswordFault> parse(std::string_view text);

  /// Null when there is no such user.
  const std::string* hash_of(std::string_view user) const;
  /// Somebody's hash: what is verified for a user who is not there, so that it takes as long.
  const std::string& any_hash() const { return users_.begin()->second; }

 private:
  std::unordered_map<std::string, std::string> users_;
};

/// Whether `password` made `hash`. Takes long on purpose: milliseconds to a second of CPU.
bool verify_password(const std::string& hash, const std::string& password);

struct Credentials {
  std::string user, password;
};
/// Of an Authorization field with the Basic scheme (RFC 7617).
std::optional<Credentials> parse_basic(std::string_view authorization);

}  // namespace lb::filters

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace booking::auth {

/// A session's secret: 256 random bits. The browser holds it, the database only its hash.
using Token = std::array<std::uint8_t, 32>;
using TokenHash = std::array<std::uint8_t, 32>;

Token random_token();

/// 43 characters of base64url without padding, fit for a cookie.
std::string to_text(const Token& token);
std::optional<Token> parse_token(std::string_view text);

/// BLAKE2b-256. Enough without a salt: the token itself is random.
TokenHash hash_token(const Token& token);

/// What a page must send along with the session's cookie to change anything. Derived from the
/// token, so nothing more is stored; does not reveal the token.
std::string csrf_token(const Token& session);

/// Compares in a time that depends on the lengths only.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace booking::auth

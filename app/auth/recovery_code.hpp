#pragma once

#include "app/auth/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::auth {

inline constexpr std::size_t kRecoveryCodes = 10;

/// Ten codes such as `7QK4M-X2N9P` that each open once when the authenticator is lost: 50 random
/// bits each, behind the lock-out.
std::vector<std::string> random_recovery_codes();

/// What is stored of one, however it was typed: blanks, hyphens and case do not count. Nothing for
/// what cannot be a code.
std::optional<TokenHash> hash_recovery_code(std::string_view code);

}  // namespace booking::auth

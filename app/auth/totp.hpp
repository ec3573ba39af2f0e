#pragma once

#include "common/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace booking::auth {

/// The shared secret of a second factor: 160 bits, as RFC 4226 §4 recommends.
using TotpSecret = std::array<std::uint8_t, 20>;

inline constexpr std::chrono::seconds kTotpStep{30};  // RFC 6238 §4.1, X
inline constexpr std::int64_t kTotpWindow = 1;        // steps a clock may be off, either way

TotpSecret random_totp_secret();

/// RFC 4648 §6 without padding: what authenticator programs take.
std::string to_base32(std::string_view octets);
std::string to_base32(const TotpSecret& secret);

/// `otpauth://totp/…`, for a QR or a link on the phone itself.
std::string totp_uri(const TotpSecret& secret, std::string_view issuer, std::string_view account);

/// The six digits of a step (RFC 6238 §4.2 with HMAC-SHA-1, RFC 4226 §5.3).
std::string totp_code(const TotpSecret& secret, std::int64_t step);

/// The step whose code this is, within the window around `now` and after `last_step`: a code opens
/// once (RFC 6238 §5.2). Nothing for any other text.
std::optional<std::int64_t> match_totp(const TotpSecret& secret, std::string_view code,
                                       common::WallTime now, std::int64_t last_step);

}  // namespace booking::auth

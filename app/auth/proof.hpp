#pragma once

#include "common/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace booking::auth {

/// Proof of work (hashcash, after Back 2002): cheap to ask for and to check, dear to do. Stateless:
/// a challenge says itself how much work it wants and how long it stands, signed with a key that
/// all nodes have.
using ProofKey = std::array<std::uint8_t, 32>;

inline constexpr std::chrono::minutes kChallengeLifetime{10};

/// `expiry.bits.salt.signature`. `subject` is who is asked and how often they failed: the next
/// failure makes it worthless.
std::string make_challenge(const ProofKey& key, std::string_view subject, unsigned bits,
                           common::WallTime now);

/// Whether `proof`, a challenge of ours and `:` and a nonce, is for this subject, in time, at least
/// `bits` dear, and done: SHA-256 of the whole begins with as many zero bits as the challenge says.
bool is_proof(const ProofKey& key, std::string_view subject, unsigned bits, std::string_view proof,
              common::WallTime now);

}  // namespace booking::auth

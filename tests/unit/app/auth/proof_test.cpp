#include "app/auth/proof.hpp"

#include "tests/support/catch.hpp"

using namespace booking::auth;
using namespace std::chrono_literals;

namespace {

const common::WallTime kNow{std::chrono::hours{500000}};
const ProofKey kKey{1, 2, 3};

std::string solve(const std::string& challenge, unsigned bits) {
  for (int nonce = 0;; ++nonce) {
    const auto proof = challenge + ':' + std::to_string(nonce);
    if (is_proof(kKey, "a", bits, proof, kNow)) return proof;
  }
}

}  // namespace

TEST_CASE("Work that was done opens, for whom and when it was asked", "[app][auth][proof]") {
  const auto challenge = make_challenge(kKey, "a", 8, kNow);
  const auto proof = solve(challenge, 8);
  CHECK(is_proof(kKey, "a", 8, proof, kNow + 9min));
  CHECK(is_proof(kKey, "a", 7, proof, kNow));
  CHECK_FALSE(is_proof(kKey, "a", 9, proof, kNow));  // too cheap
  CHECK_FALSE(is_proof(kKey, "b", 8, proof, kNow));
  CHECK_FALSE(is_proof({9}, "a", 8, proof, kNow));
  CHECK_FALSE(is_proof(kKey, "a", 8, proof, kNow + 11min));
  CHECK_FALSE(is_proof(kKey, "a", 8, challenge, kNow));
  for (const char* nonsense : {"", ":", "1.2.3.4:5", "99999999999.8.aa.bb:1"})
    CHECK_FALSE(is_proof(kKey, "a", 8, nonsense, kNow));
  auto cheaper = proof;
  cheaper.replace(cheaper.find(".8."), 3, ".1.");
  CHECK_FALSE(is_proof(kKey, "a", 1, cheaper, kNow));  // signed as it was asked
}

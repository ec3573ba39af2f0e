#include "app/auth/password.hpp"

#include "tests/support/catch.hpp"

using namespace booking::auth;

TEST_CASE("A password is known again by its hash, another is not", "[app][auth]") {
  const auto hash = hash_password("물새는집 correct horse").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(verify_password(hash, "물새는집 correct horse"));
  CHECK_FALSE(verify_password(hash, "물새는집 correct hors"));
  CHECK_FALSE(verify_password(hash, ""));
  CHECK(hash_password("x") != hash_password("x"));  // each with its own salt
}

TEST_CASE("What is no hash of ours verifies nothing", "[app][auth]") {
  for (const std::string hash : {"", "x", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$AAAA$AAAA",
                                 // Somebody else's limits: 2^30 KiB of memory.
                                 "$argon2id$v=19$m=1073741824,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                 "RdescudvJCsgt3ub+b2dWRWJTmaaUOb7YPNBqJvXyTI"})
    CHECK_FALSE(verify_password(hash, "x"));
  CHECK_FALSE(verify_password(std::string(500, '$'), "x"));
}

TEST_CASE("A password too long is refused rather than cut", "[app][auth]") {
  CHECK_FALSE(hash_password(std::string(kMaxPassword + 1, 'a')));
  const auto hash = hash_password(std::string(kMaxPassword, 'a')).value();
  CHECK_FALSE(verify_password(hash, std::string(kMaxPassword + 1, 'a')));
}

TEST_CASE("A new password is measured in characters", "[app][auth]") {
  CHECK(is_new_password("0123456789"));
  CHECK_FALSE(is_new_password("012345678"));
  CHECK(is_new_password("열글자인비밀번호하나"));
  CHECK_FALSE(is_new_password("아홉글자인비밀번호"));  // 27 octets
  CHECK_FALSE(is_new_password(std::string(kMaxPassword + 1, 'a')));
}

TEST_CASE("The decoy is a hash as any other, and nobody's", "[app][auth]") {
  CHECK(decoy_hash().starts_with("$argon2id$"));
  CHECK_FALSE(verify_password(decoy_hash(), ""));
}

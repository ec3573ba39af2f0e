#include "app/auth/totp.hpp"

#include "app/auth/recovery_code.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace booking;
using namespace std::chrono_literals;

namespace {

auth::TotpSecret rfc_secret() {
  constexpr std::string_view kText = "12345678901234567890";  // RFC 6238 appendix B
  auth::TotpSecret secret{};
  std::copy(kText.begin(), kText.end(), secret.begin());
  return secret;
}

common::WallTime at(std::int64_t seconds) {
  return common::WallTime{std::chrono::seconds{seconds}};
}

}  // namespace

TEST_CASE("The codes are those of RFC 6238 appendix B, cut to six digits", "[auth][rfc6238]") {
  struct Row {
    std::int64_t seconds;
    std::string code;
  };
  const auto row =
      GENERATE(Row{59, "287082"}, Row{1111111109, "081804"}, Row{1111111111, "050471"},
               Row{1234567890, "005924"}, Row{2000000000, "279037"}, Row{20000000000, "353130"});
  CHECK(auth::totp_code(rfc_secret(), row.seconds / 30) == row.code);
  CHECK(auth::match_totp(rfc_secret(), row.code, at(row.seconds), -1) == row.seconds / 30);
}

TEST_CASE("A code is good one step early or late, once, and never as anything else",
          "[auth][rfc6238]") {
  const auto code = auth::totp_code(rfc_secret(), 100);
  CHECK(auth::match_totp(rfc_secret(), code, at(99 * 30), -1) == 100);
  CHECK(auth::match_totp(rfc_secret(), code, at(101 * 30 + 29), -1) == 100);
  CHECK_FALSE(auth::match_totp(rfc_secret(), code, at(98 * 30), -1));
  CHECK_FALSE(auth::match_totp(rfc_secret(), code, at(102 * 30), -1));
  CHECK_FALSE(auth::match_totp(rfc_secret(), code, at(100 * 30), 100));
  for (const auto* wrong : {"", "000000", "12345", "1234567", "abcdef"})
    if (wrong != code) CHECK_FALSE(auth::match_totp(rfc_secret(), wrong, at(100 * 30), -1));
}

TEST_CASE("A secret is spelled as authenticators take it", "[auth]") {
  CHECK(auth::to_base32("") == "");
  CHECK(auth::to_base32("f") == "MY");
  CHECK(auth::to_base32("foobar") == "MZXW6YTBOI");  // RFC 4648 §10
  CHECK(auth::totp_uri(rfc_secret(), "한빛 A", "owner") ==
        "otpauth://totp/%ED%95%9C%EB%B9%9B%20A:owner?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
        "issuer=%ED%95%9C%EB%B9%9B%20A");
  CHECK(auth::random_totp_secret() != auth::random_totp_secret());
}

TEST_CASE("Recovery codes differ, and are known however they are typed", "[auth]") {
  const auto codes = auth::random_recovery_codes();
  CHECK(codes.size() == auth::kRecoveryCodes);
  CHECK(std::set<std::string>{codes.begin(), codes.end()}.size() == codes.size());
  const auto hash = auth::hash_recovery_code("7QK4M-X2N9P");
  REQUIRE(hash);
  CHECK(auth::hash_recovery_code(" 7qk4mx2n9p ") == hash);
  CHECK(auth::hash_recovery_code("7QK4M-X2N9Q") != hash);
  CHECK(auth::hash_recovery_code("OIL00-00000") == auth::hash_recovery_code("01100-00000"));
  for (const auto* wrong : {"", "7QK4M", "7QK4M-X2N9PP", "7QK4M-X2N9U", "287082"})
    CHECK_FALSE(auth::hash_recovery_code(wrong));
}

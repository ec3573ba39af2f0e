#include "app/auth/token.hpp"

#include "tests/support/catch.hpp"

using namespace booking::auth;

TEST_CASE("A token is written in 43 characters fit for a cookie and read back", "[app][auth]") {
  for (int i = 0; i < 200; ++i) {
    const auto token = random_token();
    const auto text = to_text(token);
    CHECK(text.size() == 43);
    CHECK(text.find_first_not_of(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(parse_token(text) == token);
  }
  CHECK(random_token() != random_token());
}

TEST_CASE("What is no token is refused", "[app][auth]") {
  const auto good = to_text(random_token());
  CHECK_FALSE(parse_token(""));
  CHECK_FALSE(parse_token(good + "A"));
  CHECK_FALSE(parse_token(good.substr(1)));
  auto bad = good;
  bad[7] = '+';
  CHECK_FALSE(parse_token(bad));
  bad[7] = '\0';
  CHECK_FALSE(parse_token(bad));
}

TEST_CASE("What is derived from a token depends on it and does not show it", "[app][auth]") {
  const auto token = random_token();
  const auto other = random_token();
  CHECK(hash_token(token) == hash_token(token));
  CHECK(hash_token(token) != hash_token(other));
  CHECK(hash_token(token) != token);
  CHECK(csrf_token(token) == csrf_token(token));
  CHECK(csrf_token(token) != csrf_token(other));
  CHECK(csrf_token(token) != to_text(token));
  CHECK(csrf_token(token) != to_text(hash_token(token)));
}

TEST_CASE("Secrets are the same only when they are", "[app][auth]") {
  CHECK(same_secret("", ""));
  CHECK(same_secret("abc", "abc"));
  CHECK_FALSE(same_secret("abc", "abd"));
  CHECK_FALSE(same_secret("abc", "ab"));
}

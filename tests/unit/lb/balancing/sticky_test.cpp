#include "lb/balancing/sticky.hpp"

#include "tests/support/catch.hpp"

using namespace lb::balancing;
using namespace std::chrono_literals;

namespace {

constexpr StickyCookies::Key kKey{1, 2, 3};
constexpr auto kNow = std::chrono::seconds{1'800'000'000};

}  // namespace

TEST_CASE("A cookie names the endpoint it was issued for", "[lb][balancing]") {
  const StickyCookies cookies{kKey, "app", 0s};
  const auto value = cookies.issue(cookies.id_of("10.0.0.1:80"), kNow);
  CHECK(value.size() == StickyCookies::kValueSize);
  CHECK(value.find_first_of(" ;,\"\\=") == std::string::npos);
  const auto named = cookies.verify(value, kNow + 24h * 365);
  REQUIRE(named);
  CHECK(named->endpoint == cookies.id_of("10.0.0.1:80"));
  CHECK(named->endpoint != cookies.id_of("10.0.0.2:80"));
  CHECK_FALSE(named->ageing);
}

TEST_CASE("A cookie that was tampered with is worth nothing", "[lb][balancing]") {
  const StickyCookies cookies{kKey, "app", 0s};
  const auto value = cookies.issue(cookies.id_of("10.0.0.1:80"), kNow);
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto forged = value;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(cookies.verify(forged, kNow));
  }
  CHECK_FALSE(cookies.verify("", kNow));
  CHECK_FALSE(cookies.verify(value + "A", kNow));
  CHECK_FALSE(cookies.verify(value.substr(1), kNow));
  CHECK_FALSE(cookies.verify(std::string(StickyCookies::kValueSize, '='), kNow));
  CHECK_FALSE(cookies.verify(std::string(StickyCookies::kValueSize, '\0'), kNow));
}

TEST_CASE("A cookie of another key or another upstream is worth nothing", "[lb][balancing]") {
  const StickyCookies cookies{kKey, "app", 0s};
  const auto value = cookies.issue(cookies.id_of("10.0.0.1:80"), kNow);
  CHECK_FALSE(StickyCookies(StickyCookies::Key{9}, "app", 0s).verify(value, kNow));
  CHECK_FALSE(StickyCookies(kKey, "shop", 0s).verify(value, kNow));
  CHECK(StickyCookies(kKey, "app", 0s).verify(value, kNow));
}

TEST_CASE("A cookie with a time to live ages and expires", "[lb][balancing]") {
  const StickyCookies cookies{kKey, "app", 1h};
  const auto value = cookies.issue(cookies.id_of("a"), kNow);
  CHECK_FALSE(cookies.verify(value, kNow + 29min)->ageing);
  CHECK(cookies.verify(value, kNow + 31min)->ageing);
  CHECK(cookies.verify(value, kNow + 60min));
  CHECK_FALSE(cookies.verify(value, kNow + 61min));
  CHECK(cookies.verify(value, kNow - 30s));          // the other load balancer's clock is ahead
  CHECK_FALSE(cookies.verify(value, kNow - 10min));  // from the future
}

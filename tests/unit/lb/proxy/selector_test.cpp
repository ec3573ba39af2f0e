#include "lb/proxy/selector.hpp"

#include "lb/balancing/hash.hpp"
#include "lb/proxy/retry.hpp"
#include "tests/support/catch.hpp"

using namespace lb;
using namespace std::chrono_literals;
using upstream::HashOf;

namespace {

http::Fields cookies(std::string_view value) { return {{"Cookie", value}}; }

upstream::Upstream hashing(HashOf of, std::string name = {}) {
  upstream::UpstreamOptions options;
  options.balance.policy = balancing::Policy::Hash;
  options.hash = {of, std::move(name)};
  return {options, 0, std::make_shared<upstream::PlaceQueue>()};
}

http::RequestHead head(std::string_view target, http::Fields fields = {}) {
  http::RequestHead head;
  head.target.path = target.substr(0, target.find('?'));
  head.target.query = target.substr(head.target.path.size());
  head.fields = std::move(fields);
  return head;
}

const auto kClient = *common::IpAddress::parse("192.0.2.7");

}  // namespace

TEST_CASE("A cookie is found by its whole name", "[lb][proxy][rfc6265-4.2]") {
  CHECK(proxy::cookie(cookies("sid=1"), "sid") == "1");
  CHECK(proxy::cookie(cookies("a=b; sid=1; c=d"), "sid") == "1");
  CHECK(proxy::cookie(cookies("a=b;sid=1;sid=2"), "sid") == "1");
  CHECK(proxy::cookie(cookies("xsid=1; sidx=2"), "sid").empty());
  CHECK(proxy::cookie(cookies("sid=\"1\""), "sid") == "1");
  CHECK(proxy::cookie(cookies("sid=a=b"), "sid") == "a=b");
  CHECK(proxy::cookie(cookies("sid; =; ;"), "sid").empty());
  CHECK(proxy::cookie(cookies(";;  ; sid=1"), "sid") == "1");
  CHECK(proxy::cookie({{"Cookie", "a=b"}, {"cookie", "sid=2"}}, "sid") == "2");
  CHECK(proxy::cookie({}, "sid").empty());
}

TEST_CASE("What is hashed is what the configuration says", "[lb][proxy]") {
  const auto hash = [](const upstream::Upstream& by, const http::RequestHead& request) {
    return proxy::select_by(by, request, kClient).hash;
  };
  const auto path = hashing(HashOf::Path);
  CHECK(hash(path, head("/a?x=1")) == hash(path, head("/a?x=2")));
  CHECK(hash(path, head("/a")) != hash(path, head("/b")));
  const auto field = hashing(HashOf::Field, "X-User");
  CHECK(hash(field, head("/", {{"x-user", "ann"}})) == balancing::hash_key("ann"));
  CHECK(hash(field, head("/")) == 0);
  const auto cookie = hashing(HashOf::Cookie, "sid");
  CHECK(hash(cookie, head("/", {{"Cookie", "sid=7"}})) == balancing::hash_key("7"));
  CHECK(hash(cookie, head("/")) == 0);
}

TEST_CASE("An IPv6 client is known by his network", "[lb][proxy]") {
  const auto by = hashing(HashOf::Client);
  const auto hash = [&by](std::string_view address) {
    return proxy::select_by(by, head("/"), *common::IpAddress::parse(address)).hash;
  };
  CHECK(hash("2001:db8:1:2::1") == hash("2001:db8:1:2:ffff::9"));
  CHECK(hash("2001:db8:1:2::1") != hash("2001:db8:1:3::1"));
  CHECK(hash("192.0.2.1") != hash("192.0.2.2"));
}

TEST_CASE("A sticky cookie is set once and followed", "[lb][proxy]") {
  upstream::UpstreamOptions options;
  options.name = "app";
  options.sticky = {.enabled = true, .cookie = "seat", .ttl = 1h, .secure = true};
  upstream::Upstream upstream{options, 0, std::make_shared<upstream::PlaceQueue>()};
  upstream::Endpoint endpoint;
  endpoint.sticky_id = upstream.sticky()->id_of("a");

  const auto fresh = proxy::select_by(upstream, head("/"), kClient);
  CHECK_FALSE(fresh.sticky);
  const auto field = proxy::sticky_cookie(upstream, fresh, endpoint);
  CHECK(field.starts_with("seat="));
  CHECK(field.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure"));

  const auto pair = field.substr(0, field.find(';'));
  const auto back = proxy::select_by(upstream, head("/", cookies(pair)), kClient);
  CHECK(back.sticky == endpoint.sticky_id);
  CHECK(proxy::sticky_cookie(upstream, back, endpoint).empty());
  endpoint.sticky_id = upstream.sticky()->id_of("b");  // the other one was gone
  CHECK_FALSE(proxy::sticky_cookie(upstream, back, endpoint).empty());

  const auto forged = proxy::select_by(upstream, head("/", cookies("seat=zzz")), kClient);
  CHECK_FALSE(forged.sticky);
}

TEST_CASE("A try that was cut short for another may be repeated", "[lb][proxy]") {
  using proxy::Trouble;
  const proxy::FailedAttempt slow{.trouble = Trouble::AnswerTimeout,
                                  .reached = true,
                                  .try_timed_out = true,
                                  .may_repeat = true};
  CHECK(proxy::may_retry(slow, 3) == telemetry::Retry::TryTimeout);
  auto once = slow;
  once.may_repeat = false;
  CHECK_FALSE(proxy::may_retry(once, 3));
  CHECK_FALSE(proxy::may_retry_there(slow));
  CHECK(proxy::may_retry_there({.trouble = Trouble::NotConnected}));
  CHECK_FALSE(proxy::may_retry_there({.trouble = Trouble::ConnectTimeout}));
  CHECK_FALSE(proxy::may_retry_there({.trouble = Trouble::ConnectionDied, .reached = true}));
}

TEST_CASE("Backing off doubles up to a bound, and is spread", "[lb][proxy]") {
  upstream::RetryOptions options;
  options.backoff = 20ms;
  options.most_backoff = 100ms;
  CHECK(proxy::back_off(options, 1, 0) == 20ms);
  CHECK(proxy::back_off(options, 2, 0) == 40ms);
  CHECK(proxy::back_off(options, 4, 0) == 100ms);
  CHECK(proxy::back_off(options, 40, 0) == 100ms);
  for (std::uint64_t random = 0; random < 200; ++random) {
    CHECK(proxy::back_off(options, 1, random) >= 10ms);
    CHECK(proxy::back_off(options, 1, random) <= 20ms);
  }
}

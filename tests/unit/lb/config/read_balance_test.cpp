#include "lb/config/load.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <string>
#include <unistd.h>

using namespace lb::config;
using namespace std::chrono_literals;
using lb::balancing::Policy;
using lb::upstream::HashOf;

namespace {

std::string with(const std::string& keys) {
  return R"(
listeners: [{address: "127.0.0.1:80"}]
routes: [{upstream: a}]
upstreams: [{name: a, endpoints: ["127.0.0.1:1"], )" +
         keys + "}]\n";
}

lb::upstream::UpstreamOptions options(const std::string& keys) {
  const auto loaded = load_text(with(keys), "t.yaml");
  for (const auto& error : loaded.errors) FAIL_CHECK(error.to_string());
  REQUIRE(loaded.snapshot);
  return loaded.snapshot->upstreams.front();
}

std::string fault(const std::string& keys) {
  const auto loaded = load_text(with(keys), "t.yaml");
  return loaded.errors.empty() ? "" : loaded.errors.front().path;
}

}  // namespace

TEST_CASE("How requests are balanced is read", "[lb][config]") {
  const auto plain = options("required: true");
  CHECK(plain.balance.policy == Policy::RoundRobin);
  CHECK_FALSE(plain.sticky.enabled);
  CHECK(plain.queue.length == 128);
  CHECK(plain.retry.budget.percent == 20);

  const auto all = options(
      "balance: {policy: hash, hash: {field: X-User}, bounded_load: 1.25, slow_start: 30s, "
      "panic: 50%, sticky: {cookie: seat, ttl: 1h, secure: true}}, "
      "queue: {length: 4, timeout: 250ms}, "
      "retry: {attempts: 2, try_timeout: 1s, backoff: 10ms, budget: 10%, least_per_second: 3}");
  CHECK(all.balance.policy == Policy::Hash);
  CHECK(all.hash.of == HashOf::Field);
  CHECK(all.hash.name == "X-User");
  CHECK(all.balance.bounded_load_percent == 125);
  CHECK(all.balance.slow_start == 30s);
  CHECK(all.balance.panic_percent == 50);
  CHECK(all.sticky.enabled);
  CHECK(all.sticky.cookie == "seat");
  CHECK(all.sticky.ttl == 1h);
  CHECK(all.queue.length == 4);
  CHECK(all.queue.timeout == 250ms);
  CHECK(all.retry.attempts == 2);
  CHECK(all.retry.try_timeout == 1s);
  CHECK(all.retry.budget.percent == 10);
  CHECK(all.retry.budget.least_per_second == 3);
}

TEST_CASE("Hashing the client is a policy of its own name", "[lb][config]") {
  const auto read = options("balance: {policy: client_hash}");
  CHECK(read.balance.policy == Policy::Hash);
  CHECK(read.hash.of == HashOf::Client);
}

TEST_CASE("What contradicts itself in balancing is a fault", "[lb][config]") {
  const std::string at = "upstreams[0].balance";
  CHECK(fault("balance: {policy: rondo}") == at + ".policy");
  CHECK(fault("balance: {policy: hash}") == at + ".hash");
  CHECK(fault("balance: {policy: hash, hash: {}}").starts_with(at + ".hash"));
  CHECK(fault("balance: {policy: hash, hash: {path: true, cookie: c}}").starts_with(at + ".hash"));
  CHECK(fault("balance: {policy: hash, hash: {cookie: 'a b'}}") == at + ".hash.cookie");
  CHECK(fault("balance: {hash: {path: true}}") == at + ".hash");
  CHECK(fault("balance: {bounded_load: 1.5}") == at + ".bounded_load");
  CHECK(fault("balance: {policy: client_hash, bounded_load: 0.5}") == at + ".bounded_load");
  CHECK(fault("balance: {policy: client_hash, bounded_load: nan}") == at + ".bounded_load");
  CHECK(fault("balance: {panic: 101%}") == at + ".panic");
  CHECK(fault("balance: {panic: -1}") == at + ".panic");
  CHECK(fault("balance: {sticky: {key_file: /nowhere}}") == at + ".sticky.key_file");
  CHECK(fault("retry: {budget: '%'}") == "upstreams[0].retry.budget");
  CHECK(fault("retry: {attempts: 0}") == "upstreams[0].retry.attempts");
}

TEST_CASE("Sticky keys come from a file, or are the process's own", "[lb][config]") {
  const auto path = "/tmp/lbd-key-" + std::to_string(::getpid());
  std::ofstream{path} << std::string(32, 'k');
  const auto one = options("balance: {sticky: {key_file: " + path + "}}");
  const auto same = options("balance: {sticky: {key_file: " + path + "}}");
  CHECK(one.sticky.key == same.sticky.key);
  std::ofstream{path} << "short";
  CHECK(fault("balance: {sticky: {key_file: " + path + "}}") ==
        "upstreams[0].balance.sticky.key_file");
  ::unlink(path.c_str());
  const auto own = options("balance: {sticky: {}}");
  CHECK(own.sticky.key == options("balance: {sticky: {}}").sticky.key);
  CHECK(own.sticky.key != one.sticky.key);
}

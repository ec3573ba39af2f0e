#include "tests/simulation/database_world.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <string>

namespace booking::pair::testing {
namespace {

constexpr std::uint64_t kRuns = 3000;
constexpr unsigned kMostCommands = 24;

/// A long run: MAINSTAY_RUNS.
std::uint64_t runs() {
  const auto* const text = std::getenv("MAINSTAY_RUNS");
  return text == nullptr ? kRuns : std::stoull(text);
}

Plan plan_of(World& world) {
  const Terms terms{.replication_user = "replication", .tls_ca = "/ca.pem"};
  const auto seen = world.look();
  switch (world.random()() % 4) {
    case 0:
      return plan_degrade(seen, terms);
    case 1:
      return plan_failover(seen, terms, {.kill_primary = true});
    default:
      return plan_switchover(seen, terms, {});
  }
}

std::map<std::size_t, Fault> faults_of(World& world, const Plan& plan) {
  std::map<std::size_t, Fault> out;
  auto& random = world.random();
  const auto length = plan.steps.size() + plan.undo.size();
  for (auto i = random() % 3; i > 0 && length > 0; --i)
    out[random() % length] = static_cast<Fault>(random() % 7);
  return out;
}

void one_run(std::uint64_t seed) {
  World world{seed};
  for (int round = 0; round < 3; ++round) {
    world.pass(1 + static_cast<unsigned>(world.random()() % 8));
    const auto plan = plan_of(world);
    if (!plan.refused()) world.carry_out(plan, faults_of(world, plan));
    std::optional<std::string> last{"begin"};
    for (unsigned i = 0; i < kMostCommands && last; ++i) last = world.mend();
    INFO("seed " << seed << '\n' << world.history);
    REQUIRE(world.broken().empty());
    REQUIRE_FALSE(last.has_value());
  }
  world.check_end();
  INFO("seed " << seed << '\n' << world.broken());
  REQUIRE(world.broken().empty());
}

TEST_CASE(
    "Whatever fails while dbctl works: never two that can be written to, nothing acknowledged is "
    "lost, and its own commands bring the pair back") {
  for (std::uint64_t seed = 1; seed <= runs(); ++seed) one_run(seed);
}

}  // namespace
}  // namespace booking::pair::testing

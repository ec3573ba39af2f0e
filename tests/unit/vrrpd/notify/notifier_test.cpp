#include "vrrpd/notify/notifier.hpp"

#include "common/time.hpp"
#include "tests/support/catch.hpp"
#include "vrrpd/programs/helper.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace vrrp::notify {
namespace {

using namespace std::chrono_literals;

struct Bench {
  Bench() {
    auto name = (std::filesystem::temp_directory_path() / "vrrpd-notify-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    std::filesystem::permissions(folder, std::filesystem::perms::all);
    auto helper = programs::start_helper("nobody");
    REQUIRE(helper.has_value());
    runner.emplace(context, std::move(*helper));
    notifier.emplace(&*runner);
  }
  ~Bench() { std::filesystem::remove_all(folder); }

  bool runs_until(std::uint64_t count) {
    const auto end = common::Clock::now() + 20s;
    while (notifier->counters().run < count && common::Clock::now() < end)
      context.run_one_for(100ms);
    return notifier->counters().run == count;
  }
  std::string told() const {
    std::ifstream file{folder / "told"};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::vector<std::string> teller() const {
    return {"/bin/sh", "-c", "echo $MAINSTAY_STATE $MAINSTAY_VRID >>" + (folder / "told").string()};
  }
  static Transition to(const char* state, int vrid = 51) {
    return {.interface = "eth0", .vrid = static_cast<std::uint8_t>(vrid), .to = state};
  }

  boost::asio::io_context context;
  std::filesystem::path folder;
  std::optional<programs::Runner> runner;
  std::optional<Notifier> notifier;
};

TEST_CASE("Programs hear of transitions in their order", "[vrrp][notify]") {
  Bench bench;
  bench.notifier->set({{.run = bench.teller()}});
  std::string expected;
  for (int i = 1; i <= 20; ++i) {
    bench.notifier->on_transition(Bench::to(i % 2 != 0 ? "active" : "backup", i));
    expected += (i % 2 != 0 ? "active " : "backup ") + std::to_string(i) + '\n';
  }
  REQUIRE(bench.runs_until(20));
  CHECK(bench.told() == expected);
  CHECK(bench.notifier->counters().failed == 0);
}

TEST_CASE("Only the states that are named are told", "[vrrp][notify]") {
  Bench bench;
  bench.notifier->set({{.run = bench.teller(), .on = {"active"}}});
  bench.notifier->on_transition(Bench::to("backup"));
  bench.notifier->on_transition(Bench::to("active"));
  REQUIRE(bench.runs_until(1));
  CHECK(bench.told() == "active 51\n");
}

TEST_CASE("One that hangs is ended, and the next one is told", "[vrrp][notify]") {
  Bench bench;
  bench.notifier->set({{.run = {"/bin/sleep", "60"}, .timeout = 50ms}, {.run = bench.teller()}});
  bench.notifier->on_transition(Bench::to("active"));
  REQUIRE(bench.runs_until(2));
  CHECK(bench.notifier->counters().failed == 1);
  CHECK(bench.told() == "active 51\n");
}

TEST_CASE("Of more than there is room for the oldest are left out", "[vrrp][notify]") {
  Bench bench;
  bench.notifier->set({{.run = bench.teller()}});
  for (int i = 0; i < 70; ++i) bench.notifier->on_transition(Bench::to("active", i + 1));
  CHECK(bench.notifier->waiting() == Notifier::kMostWaiting);
  CHECK(bench.notifier->counters().left_out == 5);  // the first one runs already
  REQUIRE(bench.runs_until(65));
  CHECK(bench.told().ends_with("active 70\n"));
}

}  // namespace
}  // namespace vrrp::notify

#include "vrrpd/programs/runner.hpp"

#include "common/time.hpp"
#include "tests/support/catch.hpp"
#include "vrrpd/programs/helper.hpp"

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace vrrp::programs {
namespace {

using namespace std::chrono_literals;

struct Bench {
  Bench() {
    auto helper = start_helper("nobody");
    REQUIRE(helper.has_value());
    runner.emplace(context, std::move(*helper));
  }
  Ended run(std::vector<std::string> command, std::chrono::milliseconds timeout = 10s,
            std::vector<std::string> environment = {}) {
    std::optional<Ended> ended;
    runner->run({std::move(command), std::move(environment), timeout}, [&](const Ended& one) {
      ended = one;
      context.stop();
    });
    CHECK_FALSE(ended);  // never from inside
    context.restart();
    context.run_for(20s);
    REQUIRE(ended);
    return *ended;
  }

  boost::asio::io_context context;
  std::optional<Runner> runner;
};

TEST_CASE("A program's end is told with what it wrote", "[vrrp][programs]") {
  Bench bench;
  CHECK(bench.run({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}) ==
        Ended{How::Exited, 3, "out\nerr\n"});
  CHECK(bench.run({"/bin/sh", "-c", "kill -9 $$"}) == Ended{How::Signalled, 9, ""});
  CHECK(bench.run({"/bin/cat"}) == Ended{How::Exited, 0, ""});  // nothing to read
  const auto missing = bench.run({"/no/such/program"});
  CHECK(missing.status == 127);
  CHECK(missing.output == "No such file or directory");
}

TEST_CASE("It gets the environment it is given and a search path", "[vrrp][programs]") {
  Bench bench;
  const auto ended = bench.run({"/usr/bin/env"}, 10s, {"STATE=active"});
  CHECK(ended.output.find("STATE=active\n") != std::string::npos);
  CHECK(ended.output.find("PATH=") != std::string::npos);
  CHECK(ended.output.find("HOME=") == std::string::npos);
}

TEST_CASE("It has no privilege, whoever started us", "[vrrp][programs]") {
  Bench bench;
  const auto ended =
      bench.run({"/bin/grep", "-E", "^(Uid|CapEff|CapAmb|NoNewPrivs):", "/proc/self/status"});
  CHECK(ended.output.find("Uid:\t0") == std::string::npos);
  CHECK(ended.output.find("CapEff:\t0000000000000000") != std::string::npos);
  CHECK(ended.output.find("CapAmb:\t0000000000000000") != std::string::npos);
  CHECK(ended.output.find("NoNewPrivs:\t1") != std::string::npos);
}

TEST_CASE("Its output is bounded", "[vrrp][programs]") {
  Bench bench;
  const auto ended = bench.run({"/bin/sh", "-c", "head -c 1000000 /dev/zero"});
  CHECK(ended.how == How::Exited);
  CHECK(ended.status == 0);
  CHECK(ended.output.size() == kMostOutput);
}

TEST_CASE("Out of time it is killed with all its group", "[vrrp][programs]") {
  Bench bench;
  const auto start = common::Clock::now();
  const auto ended = bench.run({"/bin/sh", "-c", "sleep 60 & echo $!; sleep 60"}, 100ms);
  CHECK(ended.how == How::TimedOut);
  CHECK(common::Clock::now() - start < 10s);
  // Killed, but perhaps not dead yet; and nobody may ever wait for it.
  const auto runs = [&] {
    std::ifstream status{"/proc/" + std::to_string(std::stoi(ended.output)) + "/stat"};
    std::string text;
    std::getline(status, text);
    return !text.empty() && text.find(") Z ") == std::string::npos;
  };
  while (runs() && common::Clock::now() - start < 10s) std::this_thread::yield();
  CHECK_FALSE(runs());
}

TEST_CASE("More orders than there is room for are refused", "[vrrp][programs]") {
  Bench bench;
  std::size_t started = 0;
  std::size_t refused = 0;
  constexpr auto kAll = Runner::kMostOrders + 8;
  for (std::size_t i = 0; i < kAll; ++i)
    bench.runner->run({{"/bin/true"}, {}, 10s}, [&](const Ended& ended) {
      ++(ended.how == How::NotStarted ? refused : started);
      if (started + refused == kAll) bench.context.stop();
    });
  bench.context.run_for(20s);
  CHECK(started + refused == kAll);
  CHECK(refused >= 8);
}

TEST_CASE("When the helper is gone everybody is told", "[vrrp][programs]") {
  boost::asio::io_context context;
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair.data()) == 0);
  ::close(pair[1]);
  Runner runner{context, link::Descriptor{pair[0]}};
  std::optional<Ended> ended;
  runner.run({{"/bin/true"}, {}, 1s}, [&](const Ended& one) { ended = one; });
  context.run_for(1s);
  REQUIRE(ended);
  CHECK(ended->how == How::NotStarted);
}

TEST_CASE("Programs are not run as root", "[vrrp][programs]") {
  if (::geteuid() != 0) return;
  CHECK(start_helper("root").has_error());
  CHECK(start_helper("no-such-user").has_error());
}

}  // namespace
}  // namespace vrrp::programs

#include "app/dbctl/node_command.hpp"

#include "tests/support/catch.hpp"

#include <csignal>

namespace booking::dbctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{10'000};

TEST_CASE("A node's command is run with the verb behind it, and what it says is kept") {
  const auto end = run_on_node({"echo", "one two"}, "replay 0-31-7", kLimit);
  CHECK(end.done);
  CHECK(end.words == "one two replay 0-31-7");
}

TEST_CASE("A command that fails, is missing or is late is not done") {
  CHECK_FALSE(run_on_node({"sh", "-c", "echo broken >&2; exit 3"}, "", kLimit).done);
  CHECK(run_on_node({"sh", "-c", "echo broken >&2; exit 3"}, "", kLimit).words == "broken");
  CHECK(run_on_node({"/nowhere/db-node"}, "fence", kLimit).words.find("No such file") !=
        std::string::npos);
  const auto late = run_on_node({"sh", "-c", "sleep 60"}, "", milliseconds{50});
  CHECK_FALSE(late.done);
  CHECK(late.words.find("limit") != std::string::npos);
}

TEST_CASE("A command ends when nobody reads it, although dbctl itself goes on") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto end = run_on_node({"sh", "-c", "kill -s PIPE $$; echo goes on"}, "", kLimit);
  std::signal(SIGPIPE, before);
  CHECK_FALSE(end.done);
  CHECK(end.words.empty());
}

TEST_CASE("A copy is good only when both its ends are") {
  CHECK(pipe_between({"sh", "-c", "echo data"}, "", {"grep"}, "data", kLimit).done);
  CHECK_FALSE(pipe_between({"sh", "-c", "echo data; exit 1"}, "", {"grep"}, "data", kLimit).done);
  CHECK_FALSE(pipe_between({"sh", "-c", "echo data"}, "", {"grep"}, "other", kLimit).done);
}

}  // namespace
}  // namespace booking::dbctl

#include "app/dbctl/arguments.hpp"

#include "tests/support/catch.hpp"

#include <fstream>
#include <iterator>

namespace booking::dbctl {
namespace {

std::string manual() {
  std::ifstream file{MAINSTAY_DBCTL_MANUAL};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST_CASE("What dbctl is asked is read, wherever the options stand") {
  const auto read =
      read_arguments({"--json", "failover", "--to=db2", "--accept-loss-after", "0-31-7"});
  REQUIRE(read.has_value());
  CHECK(read->verb == Verb::Failover);
  CHECK(read->json);
  CHECK(read->wishes.target == "db2");
  CHECK(read->wishes.accepted_loss == pair::GtidPosition::parse("0-31-7"));
}

TEST_CASE("What makes no sense is refused in a sentence") {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{},
                                             {"frobnicate"},
                                             {"status", "status"},
                                             {"status", "--to", "db1"},
                                             {"switchover", "--kill"},
                                             {"failover", "--reprovision"},
                                             {"failover", "--accept-loss-after", "everything"},
                                             {"failover", "--to"},
                                             {"verify", "--dry-run"},
                                             {"check", "--json"},
                                             {"failover", "--force"}}) {
    INFO(words.size());
    const auto read = read_arguments(words);
    CHECK_FALSE(read.has_value());
  }
}

TEST_CASE("The manual page and the help name every command") {
  const auto page = manual();
  for (const auto& command : commands()) {
    INFO(command.name);
    CHECK(usage().find(command.name) != std::string::npos);
    if (command.verb != Verb::Help && command.verb != Verb::Version)
      CHECK(page.find(".B " + std::string{command.name}) != std::string::npos);
  }
}

}  // namespace
}  // namespace booking::dbctl

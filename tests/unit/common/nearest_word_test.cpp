#include "common/nearest_word.hpp"

#include "tests/support/catch.hpp"

#include <vector>

namespace common {
namespace {

TEST_CASE("A slip of the hand is told apart from a foreign word", "[common][config]") {
  const std::vector<std::string> known{"listen", "timeouts", "upstreams", "rise"};
  CHECK(nearest_word("upstream", known) == "upstreams");
  CHECK(nearest_word("lisen", known) == "listen");
  CHECK(nearest_word("timeuots", known) == "timeouts");
  CHECK(nearest_word("certificate", known).empty());
  CHECK(nearest_word(std::string(65, 'x'), known).empty());
}

}  // namespace
}  // namespace common

#include "scripts/strobe/measure/gap_finder.hpp"

#include "tests/support/catch.hpp"

#include <string_view>

using namespace std::chrono_literals;
using strobe::measure::Gap;
using strobe::measure::GapFinder;
using strobe::measure::Schedule;

namespace {

// One character a request, due every 10 ms: + good, - bad, ? never recorded.
Gap longest(std::string_view verdicts) {
  GapFinder finder;
  for (std::size_t n = 0; n < verdicts.size(); ++n) {
    if (verdicts[n] != '?') finder.record(n, verdicts[n] == '+');
  }
  return finder.longest(Schedule{100, verdicts.size()});
}

}  // namespace

TEST_CASE("Where all is well there is no gap", "[strobe]") {
  CHECK(longest("").length == 0ns);
  CHECK(longest("+++").length == 0ns);
  CHECK(longest("+++").requests == 0);
}

TEST_CASE("A gap reaches from the first bad to the next good scheduled instant", "[strobe]") {
  const auto gap = longest("++---+++");
  CHECK(gap.begin == 20ms);
  CHECK(gap.length == 30ms);
  CHECK(gap.requests == 3);
  CHECK(gap.ended);
}

TEST_CASE("The longest of several gaps counts, the first of equals", "[strobe]") {
  CHECK(longest("+-++---+--+").begin == 40ms);
  CHECK(longest("--+--+").begin == 0ns);
}

TEST_CASE("A gap at the end is said to be open", "[strobe]") {
  const auto gap = longest("+--");
  CHECK(gap.length == 20ms);
  CHECK_FALSE(gap.ended);
}

TEST_CASE("A request without a verdict neither ends nor begins a gap", "[strobe]") {
  CHECK(longest("+-?-+").length == 30ms);
  CHECK(longest("+??+").length == 0ns);
}

TEST_CASE("The order in which outcomes arrive does not matter", "[strobe]") {
  GapFinder finder;
  for (const std::uint64_t n : {4U, 0U, 3U, 1U, 2U}) finder.record(n, n == 0 || n == 4);
  CHECK(finder.longest(Schedule{100, 5}).length == 30ms);
}

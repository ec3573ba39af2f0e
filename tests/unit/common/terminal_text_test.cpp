#include "common/terminal_text.hpp"

#include "tests/support/catch.hpp"

namespace common {
namespace {

TEST_CASE("Tables hold their columns, whatever stands in them", "[common][operator]") {
  CHECK(width_of("abc") == 3);
  CHECK(width_of("정상") == 4);
  CHECK(width_of("\x1b[32mup\x1b[0m") == 2);
  CHECK(width_of("\xF0\x9F") <= 2);  // cut within a letter
  CHECK(render_table({{"a", "\x1b[1m정상\x1b[0m", "z"}, {"bbb", "x", "z"}}, "") ==
        "a    \x1b[1m정상\x1b[0m  z\nbbb  x     z\n");
}

}  // namespace
}  // namespace common

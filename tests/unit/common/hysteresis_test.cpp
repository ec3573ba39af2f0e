#include "common/hysteresis.hpp"

#include "tests/support/catch.hpp"

#include <string_view>

namespace common {
namespace {

TEST_CASE("A verdict turns only after enough results in a row", "[common][hysteresis]") {
  struct Case {
    std::uint32_t rise;
    std::uint32_t fall;
    bool starts_good;
    std::string_view results;   // g good, b bad
    std::string_view verdicts;  // after each of them
  };
  const auto c = GENERATE(values<Case>({
      {2, 3, true, "bbgbbb", "gggggb"},
      {2, 3, false, "gbgg", "bbbg"},
      {1, 1, true, "bgb", "bgb"},
      {3, 2, true, "bbggbggg", "gbbbbbbg"},
  }));
  CAPTURE(c.results);
  Hysteresis verdict{{.rise = c.rise, .fall = c.fall}, c.starts_good};
  bool before = c.starts_good;
  for (std::size_t i = 0; i < c.results.size(); ++i) {
    const bool turned = verdict.on_result(c.results[i] == 'g');
    CAPTURE(i);
    CHECK(verdict.good() == (c.verdicts[i] == 'g'));
    CHECK(turned == (verdict.good() != before));
    before = verdict.good();
  }
}

TEST_CASE("A verdict that is being contradicted says so", "[common][hysteresis]") {
  Hysteresis verdict{{.rise = 2, .fall = 2}, true};
  CHECK_FALSE(verdict.wavering());
  verdict.on_result(false);
  CHECK(verdict.wavering());
  verdict.on_result(false);
  CHECK_FALSE(verdict.wavering());
}

}  // namespace
}  // namespace common

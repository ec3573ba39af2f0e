#include "app/store/cluster.hpp"

#include "tests/support/catch.hpp"

using namespace booking::store;

TEST_CASE("Only the writable node that the newest epoch names is written to", "[app][store]") {
  struct Case {
    Standing standing;
    std::int64_t highest;
    const char* refusal;
  };
  const auto one = GENERATE(values<Case>({
      {{.read_only = false, .epoch = 0, .named = true}, 0, ""},  // no dbctl: read_only alone counts
      {{.read_only = true, .epoch = 0, .named = true}, 0, "is read-only"},
      {{.read_only = false, .epoch = 3, .named = true}, 3, ""},
      {{.read_only = true, .epoch = 3, .named = true}, 3, "is read-only"},
      {{.read_only = false, .epoch = 3, .named = false}, 3, "names another node"},
      {{.read_only = false, .epoch = 2, .named = true}, 3, "no primary any more"},
      {{.read_only = false, .epoch = 0, .named = true}, 3, "no primary any more"},
  }));
  const auto refusal = refusal_of(one.standing, one.highest);
  CAPTURE(refusal, one.refusal);
  CHECK(refusal.empty() == std::string{one.refusal}.empty());
  CHECK(refusal.find(one.refusal) != std::string::npos);
}

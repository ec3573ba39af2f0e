#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int fuzz_router_name(const std::uint8_t* data, std::size_t size);

TEST_CASE("Names of routers and mutations of them break nothing", "[vrrp][control][fuzz]") {
  tests::replay_corpus("router_name_corpus", fuzz_router_name, 10'000);
}

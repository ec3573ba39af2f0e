#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int fuzz_neighbor_claim(const std::uint8_t* data, std::size_t size);

TEST_CASE("The corpus of ARP and neighbour discovery and mutations of it break nothing",
          "[vrrp][packet][fuzz]") {
  tests::replay_corpus("neighbor_claim_corpus", fuzz_neighbor_claim, 10'000);
}

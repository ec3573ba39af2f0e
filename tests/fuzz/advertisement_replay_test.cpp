#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

TEST_CASE("The corpus of advertisements and mutations of it break nothing",
          "[vrrp][packet][fuzz]") {
  tests::replay_corpus("advertisement_corpus", LLVMFuzzerTestOneInput, 10'000);
}

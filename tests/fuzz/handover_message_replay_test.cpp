#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int fuzz_handover_message(const std::uint8_t* data, std::size_t size);

TEST_CASE("The corpus of words between routers and mutations of it break nothing",
          "[vrrp][handover][fuzz]") {
  tests::replay_corpus("handover_message_corpus", fuzz_handover_message, 10'000);
}

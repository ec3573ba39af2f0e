#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int fuzz_keepalived_import(const std::uint8_t* data, std::size_t size);

TEST_CASE("keepalived configurations and mutations of them become right ones, or none",
          "[vrrp][import][fuzz]") {
  tests::replay_corpus("keepalived_import_corpus", fuzz_keepalived_import, 2'000);
}

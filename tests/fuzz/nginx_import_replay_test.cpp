#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

extern "C" int fuzz_nginx_import(const std::uint8_t* data, std::size_t size);

TEST_CASE("nginx configurations and mutations of them become right ones, or none",
          "[lb][import][fuzz]") {
  tests::replay_corpus("nginx_import_corpus", fuzz_nginx_import, 2'000);
}

#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

// The fuzz entries, by the names tests/unit/lb/CMakeLists.txt gives them in this program.
extern "C" int fuzz_http1_head(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_http1_chunked(const std::uint8_t* data, std::size_t size);

TEST_CASE("The corpus of heads and mutations of it break nothing", "[lb][http1][fuzz]") {
  tests::replay_corpus("http1_head_corpus", fuzz_http1_head, 20'000);
}

TEST_CASE("The corpus of chunks and mutations of it break nothing", "[lb][http1][fuzz]") {
  tests::replay_corpus("http1_chunked_corpus", fuzz_http1_chunked, 20'000);
}

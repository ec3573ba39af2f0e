#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// The fuzz entries, by the names tests/unit/lb/CMakeLists.txt gives them in this program.
extern "C" int fuzz_http1_head(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_http1_chunked(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;
using Entry = int (*)(const std::uint8_t*, std::size_t);

std::vector<Input> corpus(const std::string& name) {
  std::vector<Input> all;
  for (const auto& entry :
       std::filesystem::directory_iterator{MAINSTAY_SOURCE_DIR "/tests/fuzz/" + name}) {
    std::ifstream file{entry.path(), std::ios::binary};
    all.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return all;
}

void replay(const std::string& name, Entry entry) {
  constexpr int kMutations = 20'000;
  const auto all = corpus(name);
  REQUIRE(all.size() >= 5);
  for (const auto& input : all) CHECK(entry(input.data(), input.size()) == 0);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  for (int i = 0; i < kMutations; ++i) {
    auto input = all[random() % all.size()];
    for (auto flips = random() % 4; flips > 0 && !input.empty(); --flips)
      input[random() % input.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) input.resize(random() % (input.size() + 16));
    REQUIRE(entry(input.data(), input.size()) == 0);
  }
}

}  // namespace

TEST_CASE("The corpus of heads and mutations of it break nothing", "[lb][http1][fuzz]") {
  replay("http1_head_corpus", fuzz_http1_head);
}

TEST_CASE("The corpus of chunks and mutations of it break nothing", "[lb][http1][fuzz]") {
  replay("http1_chunked_corpus", fuzz_http1_chunked);
}

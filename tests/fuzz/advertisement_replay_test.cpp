#include "tests/support/catch.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::vector<std::uint8_t>> corpus() {
  std::vector<std::vector<std::uint8_t>> all;
  for (const auto& entry : std::filesystem::directory_iterator{
           MAINSTAY_SOURCE_DIR "/tests/fuzz/advertisement_corpus"}) {
    std::ifstream file{entry.path(), std::ios::binary};
    all.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return all;
}

TEST_CASE("The corpus of the advertisement fuzzer passes", "[vrrp][packet][fuzz]") {
  const auto all = corpus();
  REQUIRE(all.size() >= 10);
  for (const auto& input : all) CHECK(LLVMFuzzerTestOneInput(input.data(), input.size()) == 0);
}

TEST_CASE("Neither do ten thousand mutations of it break anything", "[vrrp][packet][fuzz]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto all = corpus();
  REQUIRE_FALSE(all.empty());
  for (int i = 0; i < 10'000; ++i) {
    auto input = all[random() % all.size()];
    for (auto flips = random() % 4; flips > 0 && !input.empty(); --flips)
      input[random() % input.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) input.resize(random() % (input.size() + 16));
    REQUIRE(LLVMFuzzerTestOneInput(input.data(), input.size()) == 0);
  }
}

}  // namespace

#include "tests/support/corpus.hpp"

#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace tests {
namespace {

using Input = std::vector<std::uint8_t>;

std::vector<Input> inputs_of(const std::string& folder) {
  std::vector<Input> all;
  for (const auto& entry :
       std::filesystem::directory_iterator{MAINSTAY_SOURCE_DIR "/tests/fuzz/" + folder}) {
    std::ifstream file{entry.path(), std::ios::binary};
    all.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return all;
}

}  // namespace

void replay_corpus(const std::string& folder, FuzzEntry entry, int mutations) {
  const auto all = inputs_of(folder);
  REQUIRE(all.size() >= 5);
  for (const auto& input : all) CHECK(entry(input.data(), input.size()) == 0);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  for (int i = 0; i < mutations; ++i) {
    auto input = all[random() % all.size()];
    for (auto flips = random() % 4; flips > 0 && !input.empty(); --flips)
      input[random() % input.size()] = static_cast<std::uint8_t>(random());
    if (random() % 4 == 0) input.resize(random() % (input.size() + 16));
    REQUIRE(entry(input.data(), input.size()) == 0);
  }
}

}  // namespace tests

#include "vrrpd/privileges/startup_pages.hpp"

#include "tests/support/catch.hpp"

#include <fstream>
#include <string>

namespace vrrp::privileges {
namespace {

/// KiB of files that stand in our memory.
long file_pages() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
  return 0;
}

TEST_CASE("After the start the code that was needed for it is not in memory, and still there",
          "[vrrp][privileges]") {
  const auto before = file_pages();
  release_startup_pages();
  CHECK(file_pages() < before);
  CHECK(std::to_string(3.5).starts_with("3.5"));
}

}  // namespace
}  // namespace vrrp::privileges

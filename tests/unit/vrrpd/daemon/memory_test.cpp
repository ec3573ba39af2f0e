#include "vrrpd/daemon/memory.hpp"

#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vrrp::daemon {
namespace {

struct Place {
  Place() {
    std::string name = std::filesystem::temp_directory_path() / "vrrpd-memory-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Place() { std::filesystem::remove_all(path); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  MemoryOptions options() const { return {path, {}}; }
  std::string path;
};

TEST_CASE("A role is known to the next run, each router's for itself", "[vrrp][memory]") {
  const Place place;
  Memory{place.options()}.remember_role("eth0-51", "active");
  Memory next{place.options()};
  CHECK(next.role("eth0-51") == "active");
  CHECK_FALSE(next.role("eth0-52"));
  CHECK_FALSE(next.role("eth1-51"));
  next.remember_role("eth0-51", "");
  CHECK_FALSE(Memory{place.options()}.role("eth0-51"));
  next.remember_role("eth0-51", "");  // twice is as good
}

TEST_CASE("A role of an earlier start of the machine, or half a file, is none", "[vrrp][memory]") {
  const Place place;
  Memory memory{place.options()};
  memory.remember_role("eth0-51", "active");
  const auto file = place.path + "/role-eth0-51";
  std::string text;
  std::getline(std::ifstream{file}, text, '\0');
  for (const auto& wrong : {std::string{"another-boot\nactive\n"}, text.substr(0, text.size() - 1),
                            std::string{}, std::string(1000, 'x')}) {
    std::ofstream{file, std::ios::trunc} << wrong;
    CHECK_FALSE(memory.role("eth0-51"));
  }
}

TEST_CASE("Maintenance lasts until it is ended, where there is a place for it", "[vrrp][memory]") {
  const Place place;
  Memory memory{place.options()};
  CHECK_FALSE(memory.maintenance());
  CHECK(memory.set_maintenance(true).value());
  CHECK(Memory{place.options()}.maintenance());
  CHECK(memory.set_maintenance(false).value());
  CHECK(memory.set_maintenance(false).value());
  CHECK_FALSE(Memory{place.options()}.maintenance());

  Memory nowhere{MemoryOptions{}};
  CHECK_FALSE(nowhere.set_maintenance(true).value());
  CHECK_FALSE(nowhere.maintenance());
  nowhere.remember_role("eth0-51", "active");
  CHECK_FALSE(nowhere.role("eth0-51"));
  Memory gone{MemoryOptions{place.path + "/no/such", {}}};
  CHECK_FALSE(gone.set_maintenance(true).has_value());
}

}  // namespace
}  // namespace vrrp::daemon

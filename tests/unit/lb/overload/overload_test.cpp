#include "lb/overload/client_table.hpp"
#include "lb/overload/memory_watch.hpp"
#include "lb/overload/shedding.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <vector>

namespace lb::overload {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const common::TimePoint kStart{seconds{1'000}};

common::IpAddress address(std::string_view text) { return *common::IpAddress::parse(text); }

}  // namespace

TEST_CASE("What runs out is let go in steps", "[lb][overload]") {
  const auto memory = [](std::uint64_t octets) {
    return level_of({.memory = octets, .memory_limit = 1'000});
  };
  CHECK(memory(799) == Level::Calm);
  CHECK(memory(800) == Level::Ease);
  CHECK(memory(900) == Level::Pause);
  CHECK(memory(950) == Level::Refuse);
  CHECK(memory(5'000) == Level::Refuse);
  CHECK(level_of({.memory = 5'000, .memory_limit = 0}) == Level::Calm);

  const auto connections = [](std::uint64_t count) {
    return level_of({.connections = count, .connections_limit = 50});
  };
  CHECK(connections(44) == Level::Calm);
  CHECK(connections(45) == Level::Ease);
  CHECK(connections(50) == Level::Ease);

  const auto lag = [](milliseconds late) {
    return level_of({.lag = late, .lag_limit = milliseconds{500}});
  };
  CHECK(lag(milliseconds{249}) == Level::Calm);
  CHECK(lag(milliseconds{250}) == Level::Pause);
  CHECK(lag(milliseconds{500}) == Level::Refuse);
  CHECK(level_of({.lag = seconds{9}}) == Level::Calm);
  CHECK(level_of({.memory = 800,
                  .memory_limit = 1'000,
                  .lag = milliseconds{300},
                  .lag_limit = milliseconds{500}}) == Level::Pause);
}

TEST_CASE("Clients are taken as long as some more may reach an endpoint", "[lb][overload]") {
  CHECK(needed_descriptors(18, 3, 36) == 36);              // few: one for each
  CHECK(needed_descriptors(10'000, 4, 19'900) == 11'990);  // many idle ones: a tenth
  CHECK(needed_descriptors(10'000, 9'000, 19'900) == 19'000);
  CHECK(level_of({.descriptors = 32, .descriptors_limit = 36}) == Level::Calm);
  CHECK(level_of({.descriptors = 33, .descriptors_limit = 36}) == Level::Ease);
}

TEST_CASE("A level rises at once and falls only when a lower one was enough for a while",
          "[lb][overload]") {
  Shedding shedding;
  auto now = kStart;
  const auto at = [&](std::uint64_t percent) {
    now += milliseconds{100};
    return shedding.on_load({.memory = percent, .memory_limit = 100}, now);
  };
  CHECK(at(50) == Level::Calm);
  CHECK(at(96) == Level::Refuse);
  for (int i = 0; i < 5; ++i) CHECK(at(50) == Level::Refuse);
  CHECK(at(50) == Level::Calm);

  CHECK(at(96) == Level::Refuse);
  for (int i = 0; i < 4; ++i) CHECK(at(50) == Level::Refuse);
  CHECK(at(96) == Level::Refuse);  // from here anew
  CHECK(at(85) == Level::Refuse);
  CHECK(at(50) == Level::Refuse);
  for (int i = 0; i < 3; ++i) CHECK(at(50) == Level::Refuse);
  CHECK(at(50) == Level::Ease);  // the highest that was wanted meanwhile
  for (int i = 0; i < 5; ++i) CHECK(at(50) == Level::Ease);
  CHECK(at(50) == Level::Calm);
}

TEST_CASE("A lag stands when it never goes away", "[lb][overload]") {
  StandingLag lag;
  auto now = kStart;
  const auto ticks = [&](int count, milliseconds late) {
    common::Duration standing{};
    for (int i = 0; i < count; ++i) {
      now += milliseconds{20} + late;
      standing = lag.on_tick(late, now);
    }
    return standing;
  };
  CHECK(ticks(100, milliseconds{0}) == milliseconds{0});
  CHECK(ticks(1, seconds{30}) == milliseconds{0});  // stopped and woken
  CHECK(ticks(1, milliseconds{0}) == milliseconds{0});
  CHECK(ticks(20, milliseconds{300}) == milliseconds{300});
  CHECK(ticks(1, milliseconds{1}) == milliseconds{1});
}

TEST_CASE("A client is an IPv4 address or an IPv6 network of 64 bits", "[lb][overload]") {
  CHECK(client_key(address("192.0.2.1")) == address("192.0.2.1"));
  CHECK(client_key(address("::ffff:192.0.2.1")) == address("192.0.2.1"));
  CHECK(client_key(address("2001:db8:1:2:3:4:5:6")) == address("2001:db8:1:2::"));
}

TEST_CASE("A client gets as many places as it may, and gets them back", "[lb][overload]") {
  ClientTable table;
  OverloadOptions options;
  options.connections_per_client = 2;
  options.exempt = {*common::PrefixedAddress::parse("10.0.0.0/8")};
  {
    auto first = table.take(address("2001:db8::1"), options);
    auto second = table.take(address("2001:db8::2"), options);
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(table.take(address("2001:db8::3"), options));
    CHECK(table.take(address("2001:db8:0:1::1"), options));
    CHECK(table.size() == 1);
    auto moved = std::move(*first);
    first.reset();
    CHECK_FALSE(table.take(address("2001:db8::3"), options));
    moved = {};
    CHECK(table.take(address("2001:db8::3"), options));
    std::vector<ClientTable::Place> many;
    for (int i = 0; i < 5; ++i) many.push_back(*table.take(address("10.1.2.3"), options));
    CHECK(table.size() == 1);
  }
  CHECK(table.size() == 0);
  options.connections_per_client = 0;
  const auto free = table.take(address("192.0.2.1"), options);
  CHECK(free);
  CHECK(table.size() == 0);
}

TEST_CASE("The control group's limit is the least on the way up", "[lb][overload]") {
  std::map<std::string, std::string> files{
      {"/proc/self/cgroup", "0::/system.slice/lbd.service\n"},
      {"/sys/fs/cgroup/system.slice/lbd.service/memory.max", "max\n"},
      {"/sys/fs/cgroup/system.slice/memory.max", "1073741824\n"}};
  const FileText read = [&files](const std::string& path) { return files[path]; };
  CHECK(control_group_memory(read) == 1U << 30U);
  files["/sys/fs/cgroup/system.slice/lbd.service/memory.max"] = "536870912\n";
  CHECK(control_group_memory(read) == 512U << 20U);
  files = {{"/proc/self/cgroup", "7:cpu,memory:/a\n1:name=systemd:/a\n0::/\n"},
           {"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1000000\n"},
           {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}};
  CHECK(control_group_memory(read) == 1'000'000);
  files.clear();
  CHECK_FALSE(control_group_memory(read));
}

TEST_CASE("Resident memory is that of this process", "[lb][overload]") {
  MemoryWatch watch;
  const auto octets = watch.resident(kStart);
  CHECK(octets > 1U << 20U);
  CHECK(watch.resident(kStart) == octets);
}

}  // namespace lb::overload

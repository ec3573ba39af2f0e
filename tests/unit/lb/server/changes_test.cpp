#include "lb/server/changes.hpp"

#include "tests/support/catch.hpp"

using namespace lb;

namespace {

config::Snapshot snapshot(std::vector<std::string> upstreams) {
  config::Snapshot made;
  for (auto& name : upstreams) {
    made.upstreams.emplace_back().name = std::move(name);
  }
  made.listeners.emplace_back().address = {common::IpAddress::v4(0x7F000001), 80};
  return made;
}

}  // namespace

TEST_CASE("A reload tells what came and what went", "[server]") {
  const auto before = snapshot({"a", "b"});
  auto after = snapshot({"c", "b"});
  CHECK(server::changes_between(before, before).empty());
  after.listeners.front().address.port = 81;
  CHECK(server::changes_between(before, after) ==
        std::vector<std::string>{"listener 127.0.0.1:81 added", "listener 127.0.0.1:80 removed",
                                 "upstream c added", "upstream a removed"});
}

TEST_CASE("What only another process can take stays as it is and is named", "[server]") {
  const auto before = snapshot({"a"});
  auto after = before;
  CHECK(server::keep_until_restart(before, after).empty());
  after.workers = 7;
  after.sandbox.enabled = false;
  after.log.format = common::LogFormat::Console;
  after.log.level = common::LogLevel::Debug;
  CHECK(server::keep_until_restart(before, after) ==
        std::vector<std::string>{"workers", "sandbox", "log.format"});
  CHECK(after.workers == before.workers);
  CHECK(after.log.level == common::LogLevel::Debug);
}

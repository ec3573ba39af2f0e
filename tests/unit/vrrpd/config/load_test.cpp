#include "vrrpd/config/load.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRouter = R"(routers:
  - vrid: 51
    interface: out0
    addresses: [192.168.10.100/24]
)";

TEST_CASE("The configuration that is shipped is right", "[vrrp][config]") {
  const auto options = load(MAINSTAY_SOURCE_DIR "/conf/vrrpd.yaml");
  REQUIRE(options.has_value());
  REQUIRE(options->routers.size() == 1);
  const auto& router = options->routers[0];
  CHECK(router.vrid == Vrid{51});
  CHECK(router.priority == Priority{200});
  CHECK(router.advertisement_interval == Centiseconds{100});
  CHECK(router.checksum == packet::ChecksumForm::PseudoHeader);
  CHECK(router.addresses == std::vector{*common::PrefixedAddress::parse("192.168.10.100/24")});
  REQUIRE(router.tracks.size() == 1);
  CHECK(router.tracks[0].target ==
        tracking::Target{tracking::HttpTarget{*common::SocketAddress::parse("127.0.0.1:9101"),
                                              "/readyz", true}});
  CHECK(router.tracks[0].interval == 200ms);
  REQUIRE(options->admin.listen.size() == 2);
  CHECK(options->admin.listen[0].to_string() == "127.0.0.1:9112");
  CHECK(options->admin.listen[1].to_string() == "unix:/run/vrrpd/admin.sock");
}

TEST_CASE("The example of a pair with two addresses is right", "[vrrp][config][group]") {
  const auto options = load(MAINSTAY_SOURCE_DIR "/conf/examples/vrrpd-pair.yaml");
  REQUIRE(options.has_value());
  const auto groups = daemon::groups_of(options->routers);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].size() == 2);
}

TEST_CASE("What is not said has the default of RFC 9568", "[vrrp][config][rfc9568-6.1]") {
  const auto options = load_text(kRouter, "vrrpd.yaml");
  REQUIRE(options.has_value());
  const auto& router = options->routers[0];
  CHECK(router.priority == Priority{100});
  CHECK(router.advertisement_interval == Centiseconds{100});
  CHECK(router.preempt);
  CHECK(router.tracks.empty());
  CHECK(options->startup_delay == 0ms);
}

TEST_CASE("Short intervals ask for real-time scheduling, unless the file says otherwise",
          "[vrrp][config][scheduling]") {
  const auto realtime = [](const std::string& text) {
    const auto options = load_text(text, "vrrpd.yaml");
    REQUIRE(options.has_value());
    return int{options->scheduling.realtime};
  };
  const auto with = [](const std::string& interval) {
    return std::string{kRouter} + "    advertisement_interval: " + interval + "\n";
  };
  CHECK(realtime(std::string{kRouter}) == 0);
  CHECK(realtime(with("100ms")) == 0);
  CHECK(realtime(with("90ms")) == 10);
  CHECK(realtime(with("10ms") + "scheduling: {realtime: 0}\n") == 0);
  CHECK(realtime(with("10ms") + "scheduling: {realtime: 3}\n") == 3);
}

TEST_CASE("A fault is reported at its place", "[vrrp][config]") {
  struct Case {
    const char* more;  // appended to the router
    const char* path;
  };
  const auto c = GENERATE(values<Case>({
      {"    priority: 0\n", "routers[0].priority"},
      {"    priority: 256\n", "routers[0].priority"},
      {"    advertisement_interval: 5ms\n", "routers[0].advertisement_interval"},
      {"    advertisement_interval: 15ms\n", "routers[0].advertisement_interval"},
      {"    advertisement_interval: 41s\n", "routers[0].advertisement_interval"},
      {"    state: MASTER\n", "routers[0].state"},
      {"    lease: maybe\n", "routers[0].lease"},
      {"    accept_mode: false\n", nullptr},
      {"    accept_mode: false\n    priority: 255\n", "routers[0].accept_mode"},
      {"handover: {lbd: {address: '127.0.0.1:9101'}}\n", nullptr},
      {"handover: {lbd: {address: '127.0.0.1:0'}}\n", "handover.lbd.address"},
      {"handover: {lbd: {token_file: /no/such/file}}\n", "handover.lbd.token_file"},
      {"admin: {listen: 'unix:relative'}\n", "admin.listen"},
      {"admin: {listen: ['127.0.0.1:1', '127.0.0.1:1']}\n", "admin.listen"},
      {"admin: {listen: []}\n", "admin.listen"},
      {"admin: {listen: ['127.0.0.1:1', 'unix:/run/vrrpd/admin.sock']}\n", nullptr},
      {"admin: {token_file: /no/such/file}\n", "admin.token_file"},
      {"directories: {runtime: run}\n", "directories.runtime"},
      {"directories: {runtime: /run/a, state: /var/a}\n", nullptr},
      {"    lease: required\n    priority: 255\n", "routers[0].lease"},
      {"    preempt_delay: 5m\n", nullptr},
      {"    preempt_delay: 2h\n", "routers[0].preempt_delay"},
      {"    preempt: false\n    preempt_delay: 5s\n", "routers[0].preempt_delay"},
      {"    vrid_collision: ignore\n", "routers[0].vrid_collision"},
      {"    checksum: yes\n", "routers[0].checksum"},
      {"    virtual_mac: true\n", nullptr},
      {"    virtual_mac: true\n    priority: 255\n", "routers[0].virtual_mac"},
      {"    routes: [{to: 10.8.0.0/16, via: 192.168.10.254}, {to: default, via: 192.168.10.1, "
       "source: 192.168.10.100, metric: 50, table: 100}, {to: 10.9.0.0/16}]\n",
       nullptr},
      {"    routes: [{via: 192.168.10.254}]\n", "routers[0].routes[0].to"},
      {"    routes: [{to: 10.8.0.1/16}]\n", "routers[0].routes[0].to"},
      {"    routes: [{to: '2001:db8::/32'}]\n", "routers[0].routes[0].to"},
      {"    routes: [{to: default}]\n", "routers[0].routes[0].via"},
      {"    routes: [{to: 10.8.0.0/16, via: 'fe80::1'}]\n", "routers[0].routes[0].via"},
      {"    routes: [{to: 10.8.0.0/16, source: lb1}]\n", "routers[0].routes[0].source"},
      {"    routes: [{to: 10.8.0.0/16, table: 0}]\n", "routers[0].routes[0].table"},
      {"    routes: [{to: 10.8.0.0/16}, {to: 10.8.0.0/16, via: 192.168.10.1}]\n",
       "routers[0].routes[1].to"},
      {"    announcements: {count: 20, delay: 1m, refresh: 1h}\n", nullptr},
      {"    announcements: {count: 1, delay: 20ms, refresh: 0s}\n", nullptr},
      {"    announcements: {count: 0}\n", "routers[0].announcements.count"},
      {"    announcements: {count: 21}\n", "routers[0].announcements.count"},
      {"    announcements: {delay: 10ms}\n", "routers[0].announcements.delay"},
      {"    announcements: {delay: 2m}\n", "routers[0].announcements.delay"},
      {"    announcements: {refresh: 2h}\n", "routers[0].announcements.refresh"},
      {"    announcements: {refresh: 500ms}\n", "routers[0].announcements.refresh"},
      {"    track: [{name: lbd}]\n", "routers[0].track[0]"},
      {"    track: [{name: lbd, url: 'https://127.0.0.1:9101/'}]\n", "routers[0].track[0].url"},
      {"    track: [{name: lbd, url: 'http://localhost:9101/'}]\n", "routers[0].track[0].url"},
      {"    track: [{name: lbd, url: 'http://127.0.0.1:0/'}]\n", "routers[0].track[0].url"},
      {"    track: [{name: lbd, url: 'http://127.0.0.1:1/', lower_by: 9}]\n",
       "routers[0].track[0].lower_by"},
      {"    track: [{name: lbd, url: 'http://127.0.0.1:1/', fall: 0}]\n",
       "routers[0].track[0].fall"},
      {"    track: [{name: a, tcp: '10.0.0.1:80'}, {name: b, interface: in0}]\n", nullptr},
      {"    track: [{name: a, process: lbd}, {name: b, pid_file: /run/lbd.pid}]\n", nullptr},
      {"    track: [{name: a, file: /run/weight}, {name: b, host: 10.0.0.1}]\n", nullptr},
      {"    track: [{name: a, script: [/bin/true, -x]}]\n", nullptr},
      {"    track: [{name: a, script: [true]}]\n", "routers[0].track[0].script"},
      {"    track: [{name: a, script: []}]\n", "routers[0].track[0].script"},
      {"    track: [{name: a, file: weight}]\n", "routers[0].track[0].file"},
      {"    track: [{name: a, process: /bin/lbd}]\n", "routers[0].track[0].process"},
      {"    track: [{name: a, host: gateway}]\n", "routers[0].track[0].host"},
      {"    track: [{name: a, host: 10.0.0.1}, {name: a, host: 10.0.0.2}]\n",
       "routers[0].track[1].name"},
      {"notify: [{run: [/bin/true], on: [active], timeout: 1s}]\n", nullptr},
      {"notify: [{on: [active]}]\n", "notify[0]"},
      {"notify: [{run: [tell]}]\n", "notify[0].run"},
      {"notify: [{run: [/bin/true], on: [master]}]\n", "notify[0].on"},
      {"scheduling: {realtime: 50, lock_memory: true, cpu: 0}\n", nullptr},
      {"sandbox: {seccomp: false}\n", nullptr},
      {"sandbox: {seccomp: maybe}\n", "sandbox.seccomp"},
      {"scheduling: {realtime: 100}\n", "scheduling.realtime"},
      {"  - {vrid: 51, interface: out0, addresses: [10.0.0.1/24]}\n", "routers[1].vrid"},
      {"  - {vrid: 52, interface: out0, addresses: [192.168.10.100/24]}\n", "routers[1].addresses"},
      {"  - {vrid: 0, interface: in0, addresses: [10.0.0.1/24]}\n", "routers[1].vrid"},
      {"  - {vrid: 9, interface: a-name-of-16-ch, addresses: [10.0.0.1/24]}\n", nullptr},
      {"  - {vrid: 9, interface: a-name-of-16-chr, addresses: [10.0.0.1/24]}\n",
       "routers[1].interface"},
      {"  - {vrid: 9, interface: in0, addresses: []}\n", "routers[1].addresses"},
      {"  - {vrid: 9, interface: in0, addresses: ['2001:db8::1/64']}\n", "routers[1].addresses[0]"},
      {"  - {vrid: 9, interface: in0, addresses: ['fe80::1/64', '2001:db8::1/64']}\n", nullptr},
      {"  - {vrid: 51, interface: out0, addresses: ['fe80::1/64']}\n", nullptr},
      {"  - {vrid: 9, interface: in0, addresses: [10.0.0.1/24, 'fe80::1/64']}\n",
       "routers[1].addresses[1]"},
      {"    group: web\n  - {vrid: 52, interface: in0, group: web, addresses: [10.0.0.1/24]}\n",
       nullptr},
      {"    group: web\n  - {vrid: 51, interface: out0, group: web, addresses: ['fe80::1/64']}\n",
       nullptr},
      {"    group: web\n  - {vrid: 51, interface: in0, group: web, addresses: [10.0.0.1/24]}\n",
       "routers[1].vrid"},
      {"    group: web\n  - {vrid: 52, interface: in0, group: web, addresses: [10.0.0.1/24], "
       "priority: 7}\n",
       "routers[1].priority"},
      {"    group: web\n  - {vrid: 52, interface: in0, group: web, addresses: [10.0.0.1/24], "
       "announcements: {count: 3}}\n",
       "routers[1].announcements"},
      {"    group: web\n    priority: 255\n", "routers[0].group"},
      {"    group: web\n    track: [{name: a, host: 10.0.0.1}]\n  - {vrid: 52, interface: in0, "
       "group: web, addresses: [10.0.0.1/24], track: [{name: a, host: 10.0.0.2}]}\n",
       "routers[1].track"},
      {"    version: 1\n", "routers[0].version"},
      {"    version: 2\n", nullptr},
      {"    version: 2\n    advertisement_interval: 1500ms\n", "routers[0].advertisement_interval"},
      {"  - {vrid: 9, interface: in0, version: 2, addresses: ['fe80::1/64']}\n",
       "routers[1].version"},
      {"    unicast: {peers: [192.168.10.12], least_ttl: 250}\n", nullptr},
      {"    unicast: {}\n", "routers[0].unicast.peers"},
      {"    unicast: {peers: []}\n", "routers[0].unicast.peers"},
      {"    unicast: {peers: [lb2]}\n", "routers[0].unicast.peers[0]"},
      {"    unicast: {peers: ['fe80::2']}\n", "routers[0].unicast.peers[0]"},
      {"    unicast: {peers: [192.168.10.12, 192.168.10.12]}\n", "routers[0].unicast.peers[1]"},
      {"    unicast: {peers: [192.168.10.12], least_ttl: 0}\n", "routers[0].unicast.least_ttl"},
      {"  - {vrid: 9, interface: in0, addresses: [10.0.0.1/24, 10.0.0.1/32]}\n",
       "routers[1].addresses[1]"},
      {"  - {vrid: 51, interface: in0, addresses: [192.168.10.100/24]}\n", nullptr},
  }));
  CAPTURE(c.more);
  const auto options = load_text(std::string{kRouter} + c.more, "vrrpd.yaml");
  if (c.path == nullptr) {
    CHECK(options.has_value());
    return;
  }
  REQUIRE(options.has_error());
  REQUIRE(options.error().size() == 1);
  CHECK(options.error()[0].path == c.path);
  CHECK_FALSE(options.error()[0].right.empty());
}

/// A file that is gone after the test.
struct KeyFile {
  KeyFile(std::string_view text, mode_t mode) {
    const int file = ::mkstemp(path.data());
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::fchmod(file, mode);
    ::close(file);
  }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile() { ::unlink(path.c_str()); }
  std::string path{"/tmp/vrrpd-key-XXXXXX"};
};

TEST_CASE("Keys come from files that only their owner and a group can read",
          "[vrrp][config][authentication]") {
  const std::string digits(64, 'a');
  const std::string raw(32, 'k');
  struct Case {
    std::string text;
    mode_t mode;
    std::optional<std::size_t> octets;  // of the secret; none: a fault
  };
  const auto c = GENERATE_COPY(values<Case>({{"hex:" + digits + "\n", 0600, 32},
                                             {"hex:" + digits + digits, 0400, 64},
                                             {raw + "\n", 0600, 32},
                                             {raw, 0640, 32},
                                             {raw, 0660, std::nullopt},
                                             {raw, 0604, std::nullopt},
                                             {"too short", 0600, std::nullopt},
                                             {"hex:" + digits + digits + "aa", 0600, std::nullopt},
                                             {"hex:" + digits + "a", 0600, std::nullopt},
                                             {"hex:" + digits + "zz", 0600, std::nullopt},
                                             {std::string(1000, 'k'), 0600, std::nullopt}}));
  CAPTURE(c.text, c.mode);
  const KeyFile file{c.text, c.mode};
  const auto options =
      load_text(std::string{kRouter} +
                    "    authentication:\n      keys: [{id: 7, file: " + file.path + "}]\n",
                "vrrpd.yaml");
  REQUIRE(options.has_value() == c.octets.has_value());
  if (!c.octets) {
    CHECK(options.error()[0].path == "routers[0].authentication.keys[0].file");
    return;
  }
  const auto& authentication = options->routers[0].authentication;
  CHECK(authentication.mode == packet::AuthenticationMode::Enforce);
  CHECK(authentication.keys[0].secret.size() == *c.octets);
  CHECK(authentication.sign_with == 7);
  CHECK(authentication.window == 5s);
}

TEST_CASE("What is wrong with authentication is reported at its place",
          "[vrrp][config][authentication]") {
  const KeyFile file{std::string(32, 'k'), 0600};
  const auto one = "{id: 1, file: " + file.path + "}";
  struct Case {
    const char* section;  // ONE stands for a right key
    const char* path;
  };
  const auto c = GENERATE(values<Case>(
      {{"{}", "routers[0].authentication.keys"},
       {"{keys: [ONE, ONE]}", "routers[0].authentication.keys[1].id"},
       {"{keys: [ONE], sign_with: 2}", "routers[0].authentication.sign_with"},
       {"{keys: [ONE], mode: off}", "routers[0].authentication.mode"},
       {"{keys: [ONE], window: 0s}", "routers[0].authentication.window"},
       {"{keys: [{id: 1, file: /nowhere}]}", "routers[0].authentication.keys[0].file"},
       {"{keys: [{id: 1, file: /dev/null}]}", "routers[0].authentication.keys[0].file"}}));
  CAPTURE(c.section);
  std::string section{c.section};
  for (auto at = section.find("ONE"); at != section.npos; at = section.find("ONE"))
    section.replace(at, 3, one);
  const auto options =
      load_text(std::string{kRouter} + "    authentication: " + section + "\n", "vrrpd.yaml");
  REQUIRE(options.has_error());
  CHECK(options.error()[0].path == c.path);
}

TEST_CASE("A configuration without a router is a fault", "[vrrp][config]") {
  CHECK(load_text("routers: []\n", "vrrpd.yaml").has_error());
  CHECK(load_text("log: {level: info}\n", "vrrpd.yaml").has_error());
}

}  // namespace
}  // namespace vrrp::config

#include "vrrpd/hostcheck/rules.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/hostcheck/report.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace vrrp::hostcheck {
namespace {

common::IpAddress ip(const char* text) { return *common::IpAddress::parse(text); }
common::PrefixedAddress net(const char* text) { return *common::PrefixedAddress::parse(text); }

SeenInterface interface(std::string name, int index,
                        std::vector<common::PrefixedAddress> addresses) {
  return {std::move(name),
          {.index = index,
           .running = true,
           .mac = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)},
           .addresses = std::move(addresses)},
          {.rp_filter = 0, .arp_ignore = 0, .arp_filter = 0, .disable_ipv6 = 0}};
}

/// A node as it should be: outer and inner network, a peer of another priority.
struct Scene {
  daemon::Options options;
  Observed observed;

  Scene() {
    daemon::RouterOptions router;
    router.vrid = {51};
    router.interface = "out0";
    router.priority = {200};
    router.addresses = {net("192.168.10.100/24")};
    options.routers = {router};
    observed.kernel_major = 6;
    observed.listened = true;
    observed.interfaces = {interface("lo", 1, {net("127.0.0.1/8")}),
                           interface("out0", 2, {net("192.168.10.11/24")}),
                           interface("in0", 3, {net("10.0.0.11/24")})};
    observed.heard = {peer()};
    observed.claims = {{"out0", {ip("192.168.10.100"), {2, 0, 0, 0, 0, 9}}}};
  }

  static HeardAdvertisement peer() {
    return {.interface = "out0",
            .advertisement = {.version = Version::V3,
                              .vrid = {51},
                              .priority = {100},
                              .max_advertise_interval = Centiseconds{100},
                              .addresses = {ip("192.168.10.100")}},
            .source = ip("192.168.10.12")};
  }
  daemon::RouterOptions& router() { return options.routers[0]; }
  SeenInterface& out() { return observed.interfaces[1]; }
  SeenInterface& in() { return observed.interfaces[2]; }
  packet::Advertisement& said() { return observed.heard[0].advertisement; }

  std::vector<std::string> rules() const {
    std::vector<std::string> names;
    for (const auto& one : judge(options, observed)) names.push_back(one.rule);
    std::ranges::sort(names);
    return names;
  }
};

TEST_CASE("A host as it should be has nothing to be told", "[vrrp][hostcheck]") {
  CHECK(Scene{}.rules().empty());
}

TEST_CASE("What surprises people is named", "[vrrp][hostcheck]") {
  struct Case {
    void (*spoil)(Scene&);
    std::vector<std::string> rules;
  };
  const auto c = GENERATE(values<Case>({
      {[](Scene& s) { s.observed.missing_capabilities = {"CAP_NET_RAW"}; }, {"missing_capability"}},
      {[](Scene& s) { s.router().interface = "eth0"; }, {"no_interface"}},
      {[](Scene& s) { s.out().link.running = false; }, {"interface_down"}},
      {[](Scene& s) { s.out().link.mac = {}; }, {"not_ethernet"}},
      {[](Scene& s) { s.out().link.addresses.clear(); }, {"no_primary_address"}},
      {[](Scene& s) { s.out().link.addresses = {net("192.168.10.100/24")}; },
       {"foreign_network", "no_primary_address"}},
      {[](Scene& s) { s.router().addresses = {net("10.0.0.100/24")}; },
       {"vrid_clash", "wrong_interface"}},
      {[](Scene& s) { s.router().addresses.push_back(net("172.16.0.1/24")); },
       {"foreign_network", "other_addresses"}},
      {[](Scene& s) { s.in().link.addresses.push_back(net("192.168.10.100/32")); },
       {"address_on_other_interface"}},
      {[](Scene& s) { s.in().link.addresses = {net("192.168.10.13/24")}; }, {"arp_flux"}},
      {[](Scene& s) {
         s.in().link.addresses = {net("192.168.10.13/24")};
         s.in().kernel.arp_ignore = 1;
         s.out().kernel.rp_filter = 1;
       },
       {"rp_filter"}},
      {[](Scene& s) {
         s.router().virtual_mac = true;
         s.observed.interfaces[0].kernel.rp_filter = 1;
       },
       {"rp_filter"}},
      {[](Scene& s) {
         s.observed.interfaces.push_back(interface("vm4.51.2", 7, {net("192.168.10.100/24")}));
       },
       {"address_on_other_interface"}},
      {[](Scene& s) {  // the device of the vrrpd that runs
         s.router().virtual_mac = true;
         s.observed.interfaces.push_back(interface("vm4.51.2", 7, {net("192.168.10.100/24")}));
       },
       {}},
      {[](Scene& s) { s.out().kernel.arp_ignore = 8; }, {"arp_ignore"}},
      {[](Scene& s) {
         s.observed.kernel_major = 5;
         s.observed.kernel_minor = 10;
       },
       {"no_lease"}},
      {[](Scene& s) { s.said().addresses = {ip("192.168.10.77")}; },
       {"address_in_use", "vrid_clash"}},
      {[](Scene& s) { s.said().addresses.push_back(ip("192.168.10.77")); }, {"other_addresses"}},
      {[](Scene& s) { s.said().version = Version::V2; }, {"other_version"}},
      {[](Scene& s) { s.said().max_advertise_interval = Centiseconds{401}; }, {"other_interval"}},
      {[](Scene& s) { s.said().max_advertise_interval = Centiseconds{24}; }, {"other_interval"}},
      {[](Scene& s) { s.said().priority = {200}; }, {"same_priority"}},
      {[](Scene& s) { s.observed.heard[0].to_group = false; }, {"peer_unicasts"}},
      {[](Scene& s) { s.router().peers = {ip("192.168.10.12")}; }, {"peer_multicasts"}},
      {[](Scene& s) {
         s.router().peers = {ip("192.168.10.14")};
         s.observed.heard[0].to_group = false;
       },
       {"unknown_peer"}},
      {[](Scene& s) {
         s.router().peers = {ip("192.168.10.11")};
         s.observed.heard.clear();
         s.observed.claims.clear();
       },
       {"peer_is_self"}},
      {[](Scene& s) {
         s.router().peers = {ip("198.51.100.7")};
         s.observed.heard.clear();
         s.observed.claims.clear();
       },
       {"far_peer"}},
      {[](Scene& s) { s.observed.heard.clear(); }, {"address_in_use"}},
  }));
  Scene scene;
  c.spoil(scene);
  CHECK(scene.rules() == c.rules);
}

TEST_CASE("What concerns another router or another LAN is none of ours", "[vrrp][hostcheck]") {
  Scene scene;
  auto other = Scene::peer();
  other.advertisement.vrid = {52};
  other.advertisement.addresses = {ip("192.168.10.77")};
  scene.observed.heard.push_back(other);
  other.advertisement.vrid = {51};
  other.interface = "in0";
  scene.observed.heard.push_back(other);
  scene.observed.claims.push_back({"in0", {ip("192.168.10.100"), {2, 0, 0, 0, 0, 8}}});
  CHECK(scene.rules().empty());
}

TEST_CASE("IPv6 is judged by its own settings", "[vrrp][hostcheck]") {
  Scene scene;
  scene.observed.heard.clear();
  scene.observed.claims.clear();
  scene.router().addresses = {net("fe80::100/64"), net("2001:db8::100/64")};
  scene.out().link.addresses = {net("fe80::1/64"), net("2001:db8::1/64")};
  scene.out().kernel.arp_ignore = 8;
  CHECK(scene.rules().empty());
  scene.out().kernel.disable_ipv6 = 1;
  scene.out().link.addresses = {net("2001:db8::1/64")};
  CHECK(scene.rules() ==
        std::vector<std::string>{"foreign_network", "ipv6_disabled", "no_primary_address"});
}

TEST_CASE("The owner of the address is named by its virtual MAC", "[vrrp][hostcheck]") {
  Scene scene;
  scene.observed.heard.clear();
  scene.observed.claims[0].claim.mac = {0, 0, 0x5E, 0, 1, 7};
  const auto findings = judge(scene.options, scene.observed);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Error);
  CHECK(findings[0].about == "out0/51");
  CHECK(findings[0].wrong ==
        "192.168.10.100 is alive at the virtual router 7, which does not advertise VRID 51");
}

TEST_CASE("The same is told once, however often it was heard", "[vrrp][hostcheck]") {
  Scene scene;
  scene.said().priority = {200};
  scene.observed.heard.resize(30, scene.observed.heard[0]);
  CHECK(scene.rules().size() == 1);
}

TEST_CASE("Findings are told to people and to programs", "[vrrp][hostcheck]") {
  const std::vector<Finding> findings{
      {Severity::Warning, "same_priority", "out0/51", "the same", "another"}};
  CHECK(to_text(findings) == "warning: out0/51: the same; another (same_priority)\n");
  const auto said = boost::json::parse(to_json({}, findings));
  CHECK(said.at("right").as_bool());
  CHECK(said.at_pointer("/findings/0/rule").as_string() == "same_priority");
  const auto worse = boost::json::parse(
      to_json({}, {{Severity::Error, "arp_ignore", "", "no answer", "arp_ignore=1"}}));
  CHECK_FALSE(worse.at("right").as_bool());
  const auto faulty = boost::json::parse(to_json({{"v.yaml", 3, "routers", "no", "yes"}}, {}));
  CHECK_FALSE(faulty.at("right").as_bool());
  CHECK(faulty.at_pointer("/faults/0/line").as_int64() == 3);
}

}  // namespace
}  // namespace vrrp::hostcheck

#include "vrrpd/import/keepalived.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/config/load.hpp"

namespace vrrp::import {
namespace {

using namespace std::chrono_literals;

Files just(std::string text) {
  return {[text = std::move(text)](const std::string&, std::size_t) { return std::optional{text}; },
          [](const std::string&) { return std::vector<std::string>{}; }};
}

struct Result {
  daemon::Options options;
  std::string report;

  bool says(std::string_view line) const { return report.find(line) != std::string::npos; }
};

/// What is imported must be right for vrrpd, or nothing.
Result import(std::string text) {
  const auto imported = import_keepalived("k.conf", just(std::move(text)));
  if (!imported) FAIL(imported.error());
  const auto options = config::load_text(imported->yaml, "vrrpd.yaml");
  if (!options) FAIL(imported->yaml << options.error().front().to_string());
  return {*options, imported->report};
}

/// Lines of one instance that is right by itself.
Result import_with(const std::string& lines, const std::string& before = "") {
  return import(before + "\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 51\n" + lines +
                "\nvirtual_ipaddress {\n192.168.10.100/24\n}\n}\n");
}

const std::string kWhole = R"(! a usual pair
global_defs {
    router_id LB1
    vrrp_version 3
    script_user checker
    enable_script_security
    vrrp_rt_priority 20
    vrrp_no_swap
    notification_email { ops@example.org }
}
vrrp_script chk_web { script "/usr/bin/killall -0 lbd"
    interval 2
    weight -30
    fall 3
    rise 1
}
vrrp_script chk_db {
    script "/usr/local/bin/check --db 'a b'"
    timeout 0.5
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 0.1
    preempt_delay 30
    authentication {
        auth_type PASS
        auth_pass secret
    }
    unicast_src_ip 192.168.10.11
    unicast_peer {
        192.168.10.12
    }
    virtual_ipaddress {
        192.168.10.100/24 dev eth0 label eth0:1
        192.168.10.101
    }
    virtual_ipaddress_excluded {
        192.168.10.102/24
        fe80::100/64
    }
    track_interface {
        eth1 weight -10
        eth2
    }
    track_script { chk_web
        chk_db weight 40
    }
    notify_master "/usr/local/bin/tell master"
    garp_master_repeat 3
}
)";

TEST_CASE("A usual pair comes over", "[vrrp][import]") {
  const auto [options, report] = import(kWhole);
  CHECK(options.programs_user == "checker");
  CHECK(options.scheduling == privileges::SchedulingOptions{20, true, std::nullopt});
  REQUIRE(options.notify.size() == 1);
  CHECK(options.notify[0].run == std::vector<std::string>{"/usr/local/bin/tell", "master"});
  CHECK(options.notify[0].on == std::vector<std::string>{"active"});
  REQUIRE(options.routers.size() == 1);
  const auto& router = options.routers[0];
  CHECK(router.version == Version::V3);
  CHECK(router.priority == Priority{190});  // with what chk_db adds while it is well
  CHECK(router.advertisement_interval == 100ms);
  CHECK(router.preempt_delay == 30s);
  CHECK(router.addresses.size() == 3);
  CHECK(router.addresses[1].prefix == 32);
  CHECK(router.peers.size() == 1);
  REQUIRE(router.tracks.size() == 4);
  using namespace tracking;
  CHECK(router.tracks[0].target == Target{InterfaceTarget{"eth1"}});
  CHECK(router.tracks[0].lower_by == 10);
  CHECK(router.tracks[1].on_failure == OnFailure::Release);
  CHECK(router.tracks[2].target == Target{ProcessTarget{"lbd", ""}});
  CHECK(router.tracks[2].interval == 2s);
  CHECK(router.tracks[2].hysteresis.fall == 3);
  CHECK(router.tracks[3].target == Target{ScriptTarget{{"/usr/local/bin/check", "--db", "a b"}}});
  CHECK(router.tracks[3].timeout == 500ms);
  CHECK(router.tracks[3].hysteresis.fall == 1);  // as keepalived, when nothing is said
  CHECK(router.tracks[3].lower_by == 40);
}

TEST_CASE("Every directive is told what became of it", "[vrrp][import]") {
  const auto result = import(kWhole);
  const char* const line = GENERATE(values<const char*>({
      "k.conf:3: router_id LB1: not needed: vrrpd does this by itself",
      "k.conf:9: notification_email: left out: vrrpd sends no mail",
      "k.conf:11: script /usr/bin/killall -0 lbd: became a track of the process",
      "k.conf:22: state MASTER: not needed: who is fit and has the highest priority is Active",
      "k.conf:28: authentication: left out: a password that everybody",
      "k.conf:32: unicast_src_ip 192.168.10.11: left out: ",
      "k.conf:41: 192.168.10.102/24: became an address as the others",
      "k.conf:42: fe80::100/64: left out: the other family is a router of its own",
      "k.conf:52: garp_master_repeat 3: not needed: vrrpd announces at 0",
  }));
  INFO(result.report);
  CHECK(result.says(line));
}

TEST_CASE("What has no like in vrrpd is left out and named", "[vrrp][import]") {
  struct Case {
    const char* lines;
    const char* told;
  };
  const auto c = GENERATE(values<Case>({
      {"nopreempt\npreempt_delay 5", "preempt_delay 5: left out: it has no effect with nopreempt"},
      {"advert_int 0.4", "advert_int 0.4: left out: with VRRPv2 vrrpd takes 1 to 40"},
      {"version 3\nadvert_int 50", "advert_int 50: left out: vrrpd takes 10 ms to 40.95 s"},
      {"priority 300", "priority 300: left out: this is no number"},
      {"unicast_peer {\nlb2\n}", "lb2: left out: this is no address"},
      {"track_script {\nnone\n}", "none: left out: it is not defined here"},
      {"track_interface {\neth1 reverse weight 5\n}", "left out: vrrpd has no track that is good"},
      {"track_interface {\neth1\neth1\n}", "eth1: left out: another track of this router"},
      {"notify check.sh", "notify check.sh: left out: vrrpd runs programs by their absolute path"},
      {"notify_fault /bin/x",
       "notify_fault /bin/x: left out: a router that is not fit is a Backup"},
      {"notify_stop /bin/x", "notify_stop /bin/x: left out: vrrpd tells of active"},
      {"virtual_routes {\n10.0.0.0/8 dev eth9\n}", "left out: it leads through eth9"},
      {"virtual_routes {\n10.0.0.0/8 scope link\n}", "left out: vrrpd has nothing like scope"},
      {"virtual_routes {\ndefault via fe80::1\n}", "left out: fe80::1 is no address of the family"},
      {"virtual_routes {\nnowhere via 10.0.0.1\n}", "left out: this is no network"},
      {"virtual_rules {\nfrom 10.0.0.1\n}", "virtual_rules: left out: vrrpd sets no rules"},
      {"colour red", "colour red: left out: there is nothing like it in vrrpd"},
  }));
  const auto result = import_with(c.lines);
  INFO(result.report);
  CHECK(result.says(c.told));
}

TEST_CASE("A start that waits for the switch is taken over", "[vrrp][import]") {
  const auto result = import_with("priority 200", "global_defs {\nvrrp_startup_delay 30.5\n}");
  INFO(result.report);
  CHECK(result.options.startup_delay == 30'500ms);
  CHECK(result.says("vrrp_startup_delay 30.5: became startup_delay: 30500ms"));
  const auto absurd = import_with("priority 200", "global_defs {\nvrrp_startup_delay 5000\n}");
  CHECK(absurd.says("vrrp_startup_delay 5000: left out"));
  CHECK(absurd.options.startup_delay == 0ms);
}

TEST_CASE("Routes, the virtual MAC address and the refresh are taken over", "[vrrp][import]") {
  const auto result = import_with(
      "use_vmac vrrp51\ngarp_master_refresh 60\nvirtual_routes {\nsrc 192.168.10.100 to "
      "10.8.0.0/16 "
      "via 192.168.10.254 dev eth0 metric 5\n10.9.9.9 table 100\ndefault gw 192.168.10.1\n}");
  INFO(result.report);
  const auto& router = result.options.routers[0];
  CHECK(router.virtual_mac);
  CHECK(router.announcements.refresh == 60s);
  REQUIRE(router.routes.size() == 3);
  CHECK(router.routes[0].to_string() ==
        "10.8.0.0/16 via 192.168.10.254 src 192.168.10.100 metric 5");
  CHECK(router.routes[1].to_string() == "10.9.9.9/32 table 100");
  CHECK(router.routes[2].to_string() == "default via 192.168.10.1");
}

TEST_CASE("A check is taken as what it asks for", "[vrrp][import]") {
  using namespace tracking;
  struct Case {
    const char* script;
    Target target;
  };
  const auto c = GENERATE(values<Case>({
      {"\"killall -0 haproxy\"", ProcessTarget{"haproxy", ""}},
      {"\"pidof nginx\"", ProcessTarget{"nginx", ""}},
      {"\"</dev/tcp/127.0.0.1/80\"", TcpTarget{*common::SocketAddress::parse("127.0.0.1:80")}},
      {"/usr/bin/check a", ScriptTarget{{"/usr/bin/check", "a"}}},
      {"\"curl -sf localhost | grep ok\"",
       ScriptTarget{{"/bin/sh", "-c", "curl -sf localhost | grep ok"}}},
  }));
  const auto result = import_with("track_script {\nchk\n}",
                                  std::string{"vrrp_script chk {\nscript "} + c.script + "\n}\n");
  REQUIRE(result.options.routers[0].tracks.size() == 1);
  CHECK(result.options.routers[0].tracks[0].target == c.target);
}

TEST_CASE("Processes and files are tracked", "[vrrp][import]") {
  const auto result = import_with(
      "track_process {\nweb\n}\ntrack_file {\nw weight 1\n}\ntrack_file {\nw2 weight 2\n}",
      "vrrp_track_process web {\nprocess nginx\nweight -5\n}\nvrrp_track_file w {\nfile "
      "/run/w\n}\nvrrp_track_file w2 {\nfile /run/w2\n}\n");
  const auto& tracks = result.options.routers[0].tracks;
  REQUIRE(tracks.size() == 2);
  CHECK(tracks[0].lower_by == 5);
  CHECK(tracks[1].target == tracking::Target{tracking::FileTarget{"/run/w"}});
  CHECK(result.says("w2 weight 2: left out: vrrpd adds the file's number as it is"));
}

TEST_CASE("An instance that can be no router is left out as a whole", "[vrrp][import]") {
  const auto c = GENERATE(values<const char*>({
      "virtual_router_id 51\nvirtual_ipaddress {\n10.0.0.1\n}",
      "interface eth0\nvirtual_ipaddress {\n10.0.0.1\n}",
      "interface eth0\nvirtual_router_id 0\nvirtual_ipaddress {\n10.0.0.1\n}",
      "interface eth0\nvirtual_router_id 51",
      "interface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n2001:db8::1\n}",
  }));
  const auto imported =
      import_keepalived("k.conf", just(std::string{"vrrp_instance V {\n"} + c + "\n}\n"));
  REQUIRE_FALSE(imported.has_value());
  CHECK(imported.error().find("vrrp_instance V: left out: ") != std::string::npos);
}

TEST_CASE("IPv6 is version 3 and begins with its link-local address", "[vrrp][import]") {
  const auto result = import(
      "vrrp_instance V {\ninterface eth0\nvirtual_router_id 6\nvirtual_ipaddress "
      "{\n2001:db8::1/64\nfe80::1/64\n}\n}\n");
  const auto& router = result.options.routers[0];
  CHECK(router.version == Version::V3);
  CHECK(router.addresses[0].to_string() == "fe80::1/64");
}

/// An instance of its own number and address.
std::string instance(const std::string& name, int vrid, const std::string& lines = "") {
  const auto number = std::to_string(vrid);
  return "vrrp_instance " + name + " {\ninterface eth" + number + "\nvirtual_router_id " + number +
         "\n" + lines + "\nvirtual_ipaddress {\n10.0." + number + ".100/24\n}\n}\n";
}

TEST_CASE("Instances of a sync group move together", "[vrrp][import][group]") {
  // The group may stand before its instances, and its tracks and programs count for all of them.
  const auto result = import(R"(vrrp_script chk {
script "/usr/bin/check"
weight 20
}
vrrp_sync_group G {
    group {
        A
        B
    }
    track_script {
        chk
    }
    track_interface {
        eth9
    }
    notify_master "/usr/bin/tell"
    global_tracking
}
)" + instance("A", 1) + instance("B", 2) +
                             instance("C", 3));
  INFO(result.report);
  const auto& routers = result.options.routers;
  REQUIRE(routers.size() == 3);
  CHECK(routers[0].group == "G");
  CHECK(routers[1].group == "G");
  CHECK(routers[2].group.empty());
  CHECK(routers[0].priority == Priority{120});
  CHECK(routers[1].priority == Priority{120});
  CHECK(routers[2].priority == Priority{100});
  CHECK(routers[0].tracks.size() == 2);
  CHECK(result.options.notify.size() == 1);
  CHECK(result.says("vrrp_sync_group G: became a group: one election for all of its routers"));
  CHECK(result.says("A: became a router of the group"));
  CHECK(result.says("global_tracking: not needed"));
}

TEST_CASE("A sync group that vrrpd could not move together is left out and named",
          "[vrrp][import][group]") {
  struct Case {
    std::string instances;
    const char* told;
  };
  const auto c = GENERATE(values<Case>({
      {instance("A", 1) + instance("B", 2, "priority 90"), "B has another priority than A"},
      {instance("A", 1) + instance("B", 2, "nopreempt"), "B has another preempt than A"},
      {instance("A", 1) + instance("B", 2, "version 3"), "B has another version than A"},
      {instance("A", 1) + instance("B", 2, "advert_int 2"),
       "B has another advertisement_interval than A"},
      {instance("A", 1) + instance("C", 2), "fewer than two of its instances"},
      {instance("A", 1, "priority 255") + instance("B", 2, "priority 255"), "owns its addresses"},
      {instance("A", 1, "track_interface {\neth9 weight -5\n}") +
           instance("B", 2, "track_interface {\neth9\n}"),
       "B has another track eth9 than A"},
  }));
  const auto result = import("vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\n" + c.instances);
  INFO(result.report);
  CHECK(result.says(std::string{"vrrp_sync_group G: left out: "}));
  CHECK(result.says(c.told));
  for (const auto& router : result.options.routers) CHECK(router.group.empty());
}

TEST_CASE("Of two groups with one instance the first has it", "[vrrp][import][group]") {
  const auto result = import(
      "vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\nvrrp_sync_group H {\ngroup "
      "{\nB\nC\n}\n}\n" +
      instance("A", 1) + instance("B", 2) + instance("C", 3));
  INFO(result.report);
  CHECK(result.options.routers[1].group == "G");
  CHECK(result.options.routers[2].group.empty());
  CHECK(result.says("vrrp_sync_group H: left out: fewer than two of its instances"));
}

TEST_CASE("The owner of the addresses has no other priority", "[vrrp][import]") {
  const auto result = import_with("priority 255\ntrack_interface {\neth1 weight 20\n}");
  CHECK(result.options.routers[0].priority == kOwner);
}

}  // namespace
}  // namespace vrrp::import

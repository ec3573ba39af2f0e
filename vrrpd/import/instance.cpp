#include "vrrpd/import/site.hpp"

#include <algorithm>
#include <array>

namespace vrrp::import {
namespace {

constexpr std::array<std::string_view, 9> kOfItself{
    "native_ipv6",          "debug",
    "skip_check_adv_addr",  "strict_mode",
    "track_src_ip",         "check_unicast_src",
    "linkbeat_use_polling", "higher_prio_send_advert",
    "promote_secondaries"};

bool is_link_local(const common::IpAddress& address) {
  return common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(address);
}

std::optional<common::PrefixedAddress> address_of(const Directive& entry) {
  auto text = entry.name;
  if (text.find('/') == text.npos) text += text.find(':') == text.npos ? "/32" : "/128";
  return common::PrefixedAddress::parse(text);
}

/// The interface an address is to stand on, when it is another than the router's.
std::string device_of(const Directive& entry) {
  for (std::size_t i = 0; i + 1 < entry.arguments.size(); ++i)
    if (entry.arguments[i] == "dev") return entry.arguments[i + 1];
  return "";
}

/// Everything of one instance.
class Instance {
 public:
  Instance(const Directive& origin, Site& site) : origin_{origin}, site_{site} {
    router_.origin = origin.where();
    router_.name = origin.argument(0);
    router_.version = site.version;
  }

  void import() {
    site_.notes.became(origin_, "a router");
    for (const auto& directive : origin_.block) import_basic(directive);
    for (const auto& directive : origin_.block) import_addresses(directive);
    if (const auto wrong = check(); !wrong.empty()) return site_.notes.left_out(origin_, wrong);
    finish();
    for (const auto& directive : origin_.block) import_rest(directive);
    // The owner of the addresses neither lowers its priority nor lets a peer decide.
    site_.routers.push_back(std::move(router_));
  }

 private:
  void import_basic(const Directive& directive) {
    const auto& name = directive.name;
    const auto argument = directive.argument(0);
    const auto take = [&](std::optional<int> number, int& out, const char* key) {
      if (!number) return site_.notes.left_out(directive, "this is no number that vrrpd takes");
      out = *number;
      site_.notes.became(directive, key);
    };
    if (name == "interface") {
      router_.interface = argument;
      site_.notes.became(directive, "interface");
    } else if (name == "virtual_router_id") {
      take(number_of(argument, 1, 255), router_.vrid, "vrid");
    } else if (name == "priority") {
      take(number_of(argument, 1, 255), router_.priority, "priority");
    } else if (name == "version") {
      take(number_of(argument, 2, 3), router_.version, "version");
    } else if (name == "advert_int") {
      interval_ = &directive;
    } else if (name == "nopreempt") {
      nopreempt_ = true;
      site_.notes.became(directive, "preempt: false");
    }
  }

  void import_addresses(const Directive& directive) {
    const bool excluded = directive.name == "virtual_ipaddress_excluded";
    if (directive.name != "virtual_ipaddress" && !excluded) return;
    site_.notes.became(directive, "addresses");
    for (const auto& entry : directive.block) import_address(entry, excluded);
  }

  void import_address(const Directive& entry, bool excluded) {
    const auto address = address_of(entry);
    if (!address) return site_.notes.left_out(entry, "this is no address");
    if (const auto device = device_of(entry); !device.empty() && device != router_.interface)
      return site_.notes.left_out(
          entry, "it is to stand on " + device + ": a router of its own there, or that interface");
    auto& addresses = router_.addresses;
    if (addresses.empty()) router_.v6 = address->ip.is_v6();
    if (address->ip.is_v6() != router_.v6)
      return site_.notes.left_out(entry,
                                  "the other family is a router of its own in vrrpd, the first "
                                  "address of IPv6 link-local");
    if (std::ranges::find(addresses, address->ip, &common::PrefixedAddress::ip) != addresses.end())
      return site_.notes.left_out(entry, "it stands here twice");
    if (addresses.size() == (router_.v6 ? kMostIpv6Addresses : kMostAddresses))
      return site_.notes.left_out(entry, "there are too many for one advertisement");
    addresses.push_back(*address);
    if (excluded)
      site_.notes.became(entry,
                         "an address as the others: it is advertised, too, and a keepalived peer "
                         "must list it likewise");
    else
      site_.notes.became(entry, "addresses");
  }

  /// Why there can be no router of it; empty when there can.
  std::string check() {
    if (!is_interface(router_.interface)) return "it has no interface";
    if (router_.vrid == 0) return "it has no virtual_router_id from 1 to 255";
    if (router_.addresses.empty())
      return "it has no address: a router of vrrpd has at least one, notify runs beside it";
    if (router_.v6) {
      std::ranges::stable_partition(router_.addresses,
                                    [](const auto& one) { return is_link_local(one.ip); });
      if (!is_link_local(router_.addresses.front().ip))
        return "the first IPv6 address must be link-local (RFC 9568 §5.2.9)";
    }
    if (site_.routers.size() == kMostRouters) return "vrrpd takes 255 routers";
    for (const auto& other : site_.routers) {
      if (other.interface != router_.interface) continue;
      if (other.vrid == router_.vrid && other.v6 == router_.v6)
        return "another instance has this virtual_router_id on the interface";
      for (const auto& address : router_.addresses)
        if (std::ranges::find(other.addresses, address.ip, &common::PrefixedAddress::ip) !=
            other.addresses.end())
          return address.ip.to_string() + " belongs to another instance on the interface";
    }
    return "";
  }

  void finish() {
    if (router_.v6) router_.version = 3;
    if (interval_ != nullptr) {
      const bool old = router_.version == 2;
      const auto time = time_of(interval_->argument(0), 10, old ? 40'000 : 40'950, old ? 1000 : 10);
      if (time) {
        router_.keys.emplace_back("advertisement_interval", *time);
        site_.notes.became(*interval_, "advertisement_interval");
      } else {
        site_.notes.left_out(*interval_, old ? "with VRRPv2 vrrpd takes 1 to 40 whole seconds"
                                             : "vrrpd takes 10 ms to 40.95 s");
      }
    }
    if (nopreempt_) router_.keys.emplace_back("preempt", "false");
  }

  void import_peers(const Directive& list) {
    site_.notes.became(list, "unicast.peers");
    for (const auto& entry : list.block) {
      const auto peer = common::IpAddress::parse(entry.name);
      if (!peer || peer->is_v6() != router_.v6) {
        site_.notes.left_out(entry, "this is no address of the family of the addresses");
        continue;
      }
      const auto text = quoted(peer->to_string());
      if (std::ranges::find(router_.peers, text) != router_.peers.end()) {
        site_.notes.left_out(entry, "it stands here twice");
      } else if (router_.peers.size() == kMostPeers) {
        site_.notes.left_out(entry, "vrrpd takes 16 peers");
      } else {
        router_.peers.push_back(text);
        site_.notes.became(entry, "a peer");
      }
    }
  }

  /// The last of several counts.
  void set_key(const std::string& key, std::string value) {
    std::erase_if(router_.keys, [&](const auto& one) { return one.first == key; });
    router_.keys.emplace_back(key, std::move(value));
  }

  void import_preempt_delay(const Directive& directive) {
    const auto time = time_of(directive.argument(0), 0, 3'600'000);
    if (nopreempt_) return site_.notes.left_out(directive, "it has no effect with nopreempt");
    if (!time) return site_.notes.left_out(directive, "vrrpd takes at most an hour");
    set_key("preempt_delay", *time);
    site_.notes.became(directive, "preempt_delay");
  }

  void import_virtual_mac(const Directive& directive) {
    if (router_.priority == 255)
      return site_.notes.left_out(directive, "an owner has its addresses on the interface itself");
    set_key("virtual_mac", "true");
    site_.notes.became(directive, "virtual_mac; the device is named by vrrpd");
  }

  void import_refresh(const Directive& directive) {
    const auto time = time_of(directive.argument(0), 0, 3'600'000, 1000);
    if (!time) return site_.notes.left_out(directive, "vrrpd takes at most an hour");
    set_key("announcements", "{refresh: " + *time + '}');
    site_.notes.became(directive, "announcements.refresh");
  }

  void import_rest(const Directive& directive) {
    auto& notes = site_.notes;
    const auto& name = directive.name;
    if (name == "state")
      notes.itself(directive, "who is fit and has the highest priority is Active");
    else if (name == "preempt")
      notes.itself(directive, "it is the default");
    else if (name == "preempt_delay")
      import_preempt_delay(directive);
    else if (name == "unicast_peer")
      import_peers(directive);
    else if (name == "track_interface")
      import_track_interface(directive, router_, site_);
    else if (name == "track_script")
      import_track_list(directive, site_.scripts, router_, site_);
    else if (name == "track_process")
      import_track_list(directive, site_.processes, router_, site_);
    else if (name == "track_file")
      import_track_list(directive, site_.files, router_, site_);
    else if (name == "virtual_routes")
      import_routes(directive, router_, site_);
    else if (name == "use_vmac")
      import_virtual_mac(directive);
    else if (name == "garp_master_refresh")
      import_refresh(directive);
    else if (name.starts_with("notify"))
      import_notification(directive, site_);
    else if (name.starts_with("garp_") || name.starts_with("gna_"))
      notes.itself(directive, "vrrpd announces at 0, 20, 100, 500 ms and 2 s, then every 30 s");
    else if (std::ranges::find(kOfItself, name) != kOfItself.end())
      notes.itself(directive);
    else
      leave_out(directive);
  }

  void leave_out(const Directive& directive) {
    struct Reason {
      std::string_view name;
      const char* why;
    };
    constexpr std::array<Reason, 8> kReasons{
        {{"authentication",
          "a password that everybody on the LAN can read protects nothing, and RFC 3768 has taken "
          "it away; authentication.keys signs. A keepalived peer must drop it, too"},
         {"unicast_src_ip", "advertisements come from the first address of the interface"},
         {"mcast_src_ip", "advertisements come from the first address of the interface"},
         {"virtual_rules", "vrrpd sets no rules: a program of notify can"},
         {"dont_track_primary", "an interface that is down serves nobody"},
         {"down_timer_adverts", "RFC 9568 has 3 of them"},
         {"lvs_sync_daemon_interface", "lbd balances, and needs none of IPVS"},
         {"smtp_alert", "vrrpd sends no mail: notify.run, or an alert of metrics"}}};
    const auto* const found = std::ranges::find(kReasons, directive.name, &Reason::name);
    if (found != kReasons.end()) site_.notes.left_out(directive, found->why);
  }

  const Directive& origin_;
  Site& site_;
  RouterText router_;
  const Directive* interval_{nullptr};
  bool nopreempt_{false};
};

}  // namespace

void import_instance(const Directive& instance, Site& site) { Instance{instance, site}.import(); }

}  // namespace vrrp::import

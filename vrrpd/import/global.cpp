#include "vrrpd/import/site.hpp"

#include <algorithm>
#include <array>

namespace vrrp::import {
namespace {

constexpr int kLongestStartupDelayMs = 3'600'000;

constexpr std::array<std::string_view, 12> kOfItself{"router_id",
                                                     "enable_script_security",
                                                     "dynamic_interfaces",
                                                     "vrrp_skip_check_adv_addr",
                                                     "vrrp_strict",
                                                     "vrrp_check_unicast_src",
                                                     "vrrp_higher_prio_send_advert",
                                                     "use_pid_dir",
                                                     "script_security",
                                                     "max_auto_priority",
                                                     "vrrp_notify_priority_changes",
                                                     "log_unknown_vrids"};

void import_script_user(const Directive& directive, Site& site) {
  const auto user = directive.argument(0);
  if (user == "root" || user == "0")
    return site.notes.left_out(directive, "vrrpd runs no program as root; nobody, or another user");
  if (user.empty()) return site.notes.left_out(directive, "no user is named");
  site.programs_user = user;
  site.notes.became(directive, "programs.user");
}

void set_scheduling(const Directive& directive, const char* key, std::string value, Site& site) {
  const auto known = std::ranges::find(site.scheduling, key, &Keys::value_type::first);
  if (known == site.scheduling.end())
    site.scheduling.emplace_back(key, std::move(value));
  else
    known->second = std::move(value);
  site.notes.became(directive, std::string{"scheduling."} + key);
}

void import_one(const Directive& directive, Site& site) {
  const auto& name = directive.name;
  const auto argument = directive.argument(0);
  if (name == "vrrp_version") {
    site.version = argument == "3" ? 3 : 2;
    return site.notes.became(directive, "version of every router that has none of its own");
  }
  if (name == "script_user") return import_script_user(directive, site);
  if (name == "vrrp_rt_priority") {
    const auto priority = number_of(argument, 1, 99);
    return priority ? set_scheduling(directive, "realtime", std::to_string(*priority), site)
                    : site.notes.left_out(directive, "this is no priority from 1 to 99");
  }
  if (name == "vrrp_no_swap") return set_scheduling(directive, "lock_memory", "true", site);
  if (name == "vrrp_cpu_affinity") {
    const auto cpu = number_of(argument, 0, 1023);
    return cpu && directive.arguments.size() == 1
               ? set_scheduling(directive, "cpu", std::to_string(*cpu), site)
               : site.notes.left_out(directive, "vrrpd takes one processor");
  }
  if (name.starts_with("vrrp_garp_") || name.starts_with("vrrp_gna_"))
    return site.notes.itself(directive,
                             "vrrpd announces at 0, 20, 100, 500 ms and 2 s, then every 30 s");
  if (name.starts_with("notification_email") || name.starts_with("smtp_"))
    return site.notes.left_out(directive,
                               "vrrpd sends no mail: notify.run, or an alert of metrics");
  if (name == "vrrp_startup_delay") {
    const auto delay = time_of(argument, 0, kLongestStartupDelayMs);
    if (!delay) return site.notes.left_out(directive, "this is no time of up to an hour");
    site.startup_delay = *delay;
    return site.notes.became(directive, "startup_delay: " + *delay);
  }
  if (std::ranges::find(kOfItself, name) != kOfItself.end()) site.notes.itself(directive);
}

}  // namespace

void import_global(const Directive& global, Site& site) {
  site.notes.became(global, "the settings of the whole");
  for (const auto& directive : global.block) import_one(directive, site);
}

void import_notification(const Directive& directive, Site& site) {
  const auto& name = directive.name;
  std::string on;
  if (name == "notify_master")
    on = "[active]";
  else if (name == "notify_backup")
    on = "[backup]";
  else if (name == "notify_fault")
    return site.notes.left_out(directive,
                               "a router that is not fit is a Backup here, and may be one for "
                               "other reasons: \"on: [backup]\" tells of all of them");
  else if (name != "notify")
    return site.notes.left_out(directive, "vrrpd tells of active, backup and initialize alone");
  // After the program keepalived takes a user and a group.
  std::string why;
  const auto run = command_of({directive.argument(0)}, why);
  if (!run) return site.notes.left_out(directive, why);
  Keys keys{{"run", *run}};
  if (!on.empty()) keys.emplace_back("on", on);
  if (std::ranges::find(site.notifications, keys) == site.notifications.end()) {
    if (site.notifications.size() == kMostNotifications)
      return site.notes.left_out(directive, "vrrpd takes 8 notifications");
    site.notifications.push_back(std::move(keys));
  }
  site.notes.became(directive,
                    "notify.run for every router; what it is told stands in MAINSTAY_INTERFACE, "
                    "_VRID, _STATE, and not in its arguments");
}

}  // namespace vrrp::import

#include "vrrpd/import/site.hpp"

#include <algorithm>

namespace vrrp::import {
namespace {

using Members = std::vector<RouterText*>;

std::string value_of(const RouterText& router, std::string_view key) {
  const auto found = std::ranges::find(router.keys, key, &Keys::value_type::first);
  return found == router.keys.end() ? std::string{} : found->second;
}

/// What of `one` is another than of `first`, and must be the same where routers move together;
/// empty: nothing.
std::string difference(const RouterText& first, const RouterText& one) {
  if (first.priority != one.priority) return "priority";
  if (first.version != one.version) return "version";
  for (const char* const key :
       {"advertisement_interval", "preempt", "preempt_delay", "announcements"})
    if (value_of(first, key) != value_of(one, key)) return key;
  for (const auto& track : one.tracks)
    if (std::ranges::any_of(first.tracks, [&](const TrackText& other) {
          return other.name == track.name && other.keys != track.keys;
        }))
      return "track " + track.name;
  return "";
}

/// Why they cannot be one group; empty when they can.
std::string fault_of(const Members& members) {
  if (members.size() < 2) return "fewer than two of its instances were taken over";
  if (members.size() > kMostInGroup) return "vrrpd moves at most 8 routers together";
  for (auto one = members.begin(); one != members.end(); ++one) {
    if ((*one)->priority == 255) return (*one)->name + " owns its addresses and moves with nobody";
    for (auto before = members.begin(); before != one; ++before) {
      if (const auto other = difference(**before, **one); !other.empty())
        return (*one)->name + " has another " + other + " than " + (*before)->name +
               ": the same in all of them, then group: by hand";
      if ((*before)->vrid == (*one)->vrid && (*before)->v6 == (*one)->v6)
        return (*one)->name + " has the virtual_router_id of " + (*before)->name +
               ": another one for each, on all nodes";
    }
  }
  return "";
}

Members import_members(const Directive& list, Site& site) {
  Members members;
  const auto take = [&](const std::string& name) {
    const auto found = std::ranges::find(site.routers, name, &RouterText::name);
    if (found == site.routers.end() || !found->group.empty()) return false;
    if (std::ranges::find(members, &*found) == members.end()) members.push_back(&*found);
    return true;
  };
  for (const auto& entry : list.block) {
    bool all = take(entry.name);  // keepalived takes one a line, or several
    for (const auto& name : entry.arguments) all = take(name) && all;
    if (all)
      site.notes.became(entry, "a router of the group");
    else
      site.notes.left_out(entry, "there is no such router, or it moves with another group");
  }
  return members;
}

/// The tracks of a group count for all of its routers, wherever they stand.
void import_tracks(const Directive& directive, RouterText& router, Site& site) {
  const auto& name = directive.name;
  if (name == "track_interface")
    import_track_interface(directive, router, site);
  else if (name == "track_script")
    import_track_list(directive, site.scripts, router, site);
  else if (name == "track_process")
    import_track_list(directive, site.processes, router, site);
  else if (name == "track_file")
    import_track_list(directive, site.files, router, site);
}

}  // namespace

void import_group(const Directive& group, Site& site) {
  Members members;
  for (const auto& directive : group.block) {
    if (directive.name.starts_with("notify")) import_notification(directive, site);
    if (directive.name == "global_tracking" || directive.name == "sync_group_tracking_weight")
      site.notes.itself(directive, "the tracks of each router count for the whole group");
    if (directive.name != "group") continue;
    site.notes.became(directive, "group");
    members = import_members(directive, site);
  }
  const auto before = members.empty() ? RouterText{} : *members.front();
  for (const auto& directive : group.block)
    if (!members.empty()) import_tracks(directive, *members.front(), site);
  // A weight of such a track may have changed the priority of the first, and so of all.
  for (auto* const member : members)
    if (member->priority == before.priority) member->priority = members.front()->priority;
  if (const auto fault = fault_of(members); !fault.empty())
    return site.notes.left_out(group, fault);
  site.notes.became(group, "a group: one election for all of its routers");
  for (auto* const member : members) member->group = group.argument(0);
}

}  // namespace vrrp::import

#include "vrrpd/import/site.hpp"

namespace vrrp::import {
namespace {

using common::yaml_comment;

std::string flow(const Keys& keys) {
  std::string out;
  for (const auto& [key, value] : keys) out += (out.empty() ? "" : ", ") + key + ": " + value;
  return '{' + out + '}';
}

void write_router(std::string& out, const RouterText& router) {
  out += "  " + yaml_comment(router.origin);
  out += "  - vrid: " + std::to_string(router.vrid) + '\n';
  out += "    interface: " + quoted(router.interface) + '\n';
  if (!router.group.empty()) out += "    group: " + quoted(router.group) + '\n';
  out += "    priority: " + std::to_string(router.priority) + '\n';
  out += "    version: " + std::to_string(router.version) + '\n';
  for (const auto& [key, value] : router.keys) out += "    " + key + ": " + value + '\n';
  out += "    addresses:\n";
  for (const auto& address : router.addresses)
    out += "      - " + quoted(address.to_string()) + '\n';
  if (!router.peers.empty()) out += "    unicast: {peers: " + list_of(router.peers) + "}\n";
  if (!router.routes.empty()) out += "    routes:\n";
  for (const auto& route : router.routes) out += "      - " + flow(route) + '\n';
  if (router.tracks.empty()) return;
  out += "    track:\n";
  for (const auto& track : router.tracks) {
    auto keys = track.keys;
    keys.emplace(keys.begin(), "name", quoted(track.name));
    out += "      - " + flow(keys) + '\n';
  }
}

}  // namespace

std::string write_yaml(const Site& site, const std::vector<Directive>& all,
                       const std::string& path) {
  std::string out =
      yaml_comment("vrrpd.yaml, made of " + path + " by `vrrpctl import keepalived`.");
  const auto left = site.notes.lines(all, Notes::Kind::LeftOut);
  if (!left.empty()) {
    out += yaml_comment("What could not be taken over:");
    for (const auto& line : left) out += yaml_comment("  " + line);
  }
  out += "\nadmin:\n  listen: [\"127.0.0.1:9112\", \"unix:/run/vrrpd/admin.sock\"]\n";
  if (!site.programs_user.empty())
    out += "\nprograms: {user: " + quoted(site.programs_user) + "}\n";
  if (!site.startup_delay.empty()) out += "\nstartup_delay: " + site.startup_delay + '\n';
  if (!site.scheduling.empty()) out += "\nscheduling: " + flow(site.scheduling) + '\n';
  if (!site.notifications.empty()) out += "\nnotify:\n";
  for (const auto& keys : site.notifications) out += "  - " + flow(keys) + '\n';
  out += "\nrouters:\n";
  for (const auto& router : site.routers) write_router(out, router);
  return out;
}

}  // namespace vrrp::import

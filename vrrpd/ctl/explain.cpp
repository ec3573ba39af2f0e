#include "vrrpd/ctl/explain.hpp"

#include "common/terminal_text.hpp"

#include <boost/json/array.hpp>

#include <fmt/format.h>

namespace vrrp::ctl {
namespace {

using boost::json::value;
using common::array_at;
using common::flag_at;
using common::number_at;
using common::text_at;

/// The peers' interval and ours may differ; after this many of it, a peer is not there any more.
constexpr double kSilentIntervals = 3;

std::string seconds_of(double ms) {
  return ms < 10'000 ? fmt::format("{} ms", ms) : fmt::format("{:.0f} s", ms / 1000);
}

bool hears_peer(const value& router) {
  const auto* const peer = common::json_at(router, "/last_peer");
  return peer != nullptr && peer->is_object() &&
         number_at(router, "/last_peer/heard_ms_ago") <=
             kSilentIntervals * number_at(router, "/active_advertisement_interval_ms");
}

std::string peer_of(const value& router) {
  return fmt::format("{} (priority {}, heard {} ago)", text_at(router, "/last_peer/address"),
                     number_at(router, "/last_peer/priority"),
                     seconds_of(number_at(router, "/last_peer/heard_ms_ago")));
}

/// What makes the effective priority another than the configured one.
std::string on_priority(const value& router) {
  std::string out;
  if (flag_at(router, "/in_maintenance"))
    out += "The node is in maintenance: it takes nothing until `vrrpctl maintenance off`.\n";
  if (!flag_at(router, "/usable"))
    out += fmt::format(
        "Interface {} cannot be used: it is down, without carrier or without an "
        "address of its own.\n",
        text_at(router, "/interface"));
  for (const auto& track : array_at(router, "/tracks"))
    if (!flag_at(track, "/up")) out += fmt::format("Track {} is down.\n", text_at(track, "/name"));
  const auto base = number_at(router, "/priority/base");
  const auto effective = number_at(router, "/priority/effective");
  if (effective == 0)
    out += fmt::format("So it is not fit: its priority is 0 in place of {}.\n", base);
  else if (effective != base)
    out += fmt::format("Its priority is {} in place of {}.\n", effective, base);
  else
    out += fmt::format("Its priority is {}, as configured.\n", base);
  return out;
}

std::string why_active(const value& router) {
  if (hears_peer(router) && number_at(router, "/last_peer/priority") > 0)
    return "It also hears " + peer_of(router) +
           ": two routers advertise, and the lesser one is about to yield.\n";
  if (flag_at(router, "/both_active"))
    return "Another station answers for its addresses, too, and does not advertise to this node: "
           "both are Active and do not hear each other. Is protocol 112 blocked, or do keys or "
           "versions differ? `curl http://127.0.0.1:9112/metrics | grep discarded` says what was "
           "refused.\n";
  if (number_at(router, "/priority/base") == 255)
    return "It owns the addresses: priority 255 is Active as soon as it runs.\n";
  return "No better router advertises.\n";
}

std::string why_not_active(const value& router) {
  if (flag_at(router, "/by_word"))
    return "A better router says by the channel of planned moves that it is Active, and its "
           "advertisements do not arrive: is protocol 112 blocked, or do keys or versions "
           "differ?\n";
  if (flag_at(router, "/delayed"))
    return "vrrpd has just started, and is not Active before `startup_delay` is over.\n";
  if (!hears_peer(router))
    return flag_at(router, "/fit") ? "It hears nobody and is about to take over.\n"
                                   : "It hears nobody: nobody may be serving the addresses.\n";
  std::string out = peer_of(router) + " is Active";
  const auto theirs = number_at(router, "/last_peer/priority");
  const auto ours = number_at(router, "/priority/effective");
  if (flag_at(router, "/gave_away"))
    return out +
           ". This node gave the addresses away on purpose and does not take them back while "
           "that one serves.\n";
  if (theirs >= ours) return out + " and not lesser than this node.\n";
  if (!flag_at(router, "/preempt"))
    return out + "; this node is better, but preempt is false: who works keeps the addresses.\n";
  return out + "; this node is better and is about to take over.\n";
}

std::string on_lease(const value& router) {
  if (flag_at(router, "/lease"))
    return "Its lease is installed: should vrrpd die or hang, the kernel silences the node within "
           "3 "
           "advertisement intervals.\n";
  return "It has no lease: killed, the node would go on answering for the addresses until vrrpd "
         "runs again.\n";
}

}  // namespace

std::string explain(const value& router) {
  const auto state = text_at(router, "/state");
  std::string addresses;
  for (const auto& address : array_at(router, "/addresses"))
    addresses += (addresses.empty() ? "" : ", ") + text_at(address, "");
  auto out = fmt::format("Virtual Router {}/{} ({}) is {} here.\n", text_at(router, "/interface"),
                         number_at(router, "/vrid"), addresses,
                         state == "active"   ? "Active"
                         : state == "backup" ? "a Backup"
                                             : "not running");
  if (flag_at(router, "/holding"))
    out += "It has resigned and serves the addresses until a successor has spoken.\n";
  if (state == "active") out += why_active(router);
  if (state == "backup") out += why_not_active(router);
  return out + on_priority(router) + on_lease(router);
}

}  // namespace vrrp::ctl

#include "vrrpd/daemon/status.hpp"

#include "vrrpd/packet/mac_address.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>

namespace vrrp::daemon {

namespace json = boost::json;

namespace {

template <class Duration>
std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// Of planned moves that break no connection; null where there are none.
json::value describe_move(const PlannedMove* move) {
  if (move == nullptr) return nullptr;
  const auto& transfer = move->transfer();
  const auto now = common::Clock::now();
  const auto successor = transfer.successor(now);
  const auto& diverted = transfer.diverted_to();
  json::object out{
      {"successor", successor ? json::value(successor->to_string()) : json::value()},
      {"under_way", transfer.moving()},
      {"holding", transfer.holding()},
      {"connections_held", transfer.holding() ? transfer.connections() : 0},
      {"diverting_to", diverted ? json::value(diverted->address.to_string()) : json::value()},
      {"last_took_ms", nullptr}};
  if (transfer.holding()) out["held_at_most_ms"] = milliseconds(transfer.hold_until() - now);
  if (const auto took = move->last_move())
    out["last_took_ms"] = std::chrono::duration<double, std::milli>{*took}.count();
  return out;
}

json::object describe(const Member& member) {
  const auto& router = member.task();
  const auto& options = member.options();
  const auto& election = router.election();
  const auto& counters = member.counters();

  json::array addresses;
  for (const auto& address : options.addresses) addresses.emplace_back(address.to_string());
  json::array routes;
  for (const auto& route : options.routes) routes.emplace_back(route.to_string());
  json::array tracks;
  for (const auto& track : router.tracks())
    tracks.push_back(json::object{{"name", track.options().name},
                                  {"up", track.up()},
                                  {"known", track.known()},
                                  {"weight", track.weight()}});
  json::value mac;
  if (const auto* const own = member.virtual_mac()) mac = to_string(own->mac());
  json::value peer;
  if (const auto& heard = member.last_peer())
    peer = json::object{{"address", heard->address.to_string()},
                        {"priority", heard->priority.value},
                        {"heard_ms_ago", milliseconds(common::Clock::now() - heard->heard_at)}};

  return {
      {"vrid", options.vrid.value},
      {"interface", options.interface},
      {"group", options.group.empty() ? json::value() : json::value(options.group)},
      {"family", options.family() == Family::V6 ? "ipv6" : "ipv4"},
      {"version", static_cast<int>(options.version)},
      {"state", name(election.state())},
      {"fit", election.fit()},
      {"both_active", router.both_active().now()},
      {"by_word", election.backup_by_word()},
      {"delayed", election.delayed(common::Clock::now())},
      {"holding", election.holding()},
      {"gave_away", election.gave_away()},
      {"in_maintenance", router.in_maintenance()},
      {"usable", member.usable()},
      {"planned_move", describe_move(router.planned_move())},
      {"lease", member.leased()},
      {"priority", {{"base", options.priority.value}, {"effective", election.priority().value}}},
      {"preempt", options.preempt},
      {"accept_mode", options.accept},
      {"virtual_mac", mac},
      {"advertisement_interval_ms", milliseconds(options.advertisement_interval)},
      {"active_advertisement_interval_ms", milliseconds(election.active_adver_interval())},
      {"addresses", std::move(addresses)},
      {"routes", std::move(routes)},
      {"tracks", std::move(tracks)},
      {"last_peer", std::move(peer)},
      {"last_transition_unix_ms", milliseconds(counters.last_transition.time_since_epoch())},
      {"advertisements_sent", counters.sent},
      {"advertisements_received", counters.received},
      {"announcements_sent", counters.announcements},
      {"addresses_restored", counters.addresses_restored},
      {"addresses_refused", counters.addresses_refused},
      {"routes_restored", counters.routes_restored},
      {"routes_refused", counters.routes_refused},
      {"vrid_collisions", counters.vrid_collisions},
      {"rival_claims", counters.rival_claims},
      {"failures", counters.failures}};
}

json::object describe(const Segment& segment) {
  json::object discarded;
  for (std::size_t i = 0; i < packet::kRefusals; ++i)
    discarded[packet::name(static_cast<packet::Refusal>(i))] = segment.counters().discarded[i];
  const auto primary = [&segment](Family family) {
    const auto& address = segment.primary(family);
    return address ? json::value{address->to_string()} : json::value{};
  };
  return {{"name", segment.name()},
          {"running", segment.interface().running},
          {"primary_ipv4_address", primary(Family::V4)},
          {"primary_ipv6_address", primary(Family::V6)},
          {"advertisements_discarded", std::move(discarded)}};
}

}  // namespace

json::object status_json(const std::vector<std::unique_ptr<RouterTask>>& routers,
                         const std::vector<std::unique_ptr<Segment>>& segments) {
  json::array all_routers;
  for (const auto& router : routers)
    for (const auto& member : router->members()) all_routers.push_back(describe(*member));
  json::array all_segments;
  for (const auto& segment : segments) all_segments.push_back(describe(*segment));
  return {{"routers", std::move(all_routers)}, {"interfaces", std::move(all_segments)}};
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/router_metrics.hpp"

#include "common/build_info.hpp"

#include <prometheus/metric_family.h>

#include <chrono>
#include <initializer_list>
#include <string>

namespace vrrp::daemon {

using election::State;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

using Labels = std::vector<ClientMetric::Label>;

/// One family being filled.
class Family {
 public:
  Family(std::string name, std::string help, MetricType type)
      : family_{.name = std::move(name), .help = std::move(help), .type = type, .metric = {}} {}

  void add(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    metric.gauge.value = value;
    family_.metric.push_back(std::move(metric));
  }
  MetricFamily finished() { return std::move(family_); }

 private:
  MetricFamily family_;
};

Labels of(const Member& router, std::initializer_list<ClientMetric::Label> more = {}) {
  Labels labels{{"interface", router.options().interface},
                {"vrid", std::to_string(router.options().vrid.value)}};
  // A VRID may stand once in each family; only the younger one says which it is.
  if (router.options().family() == vrrp::Family::V6) labels.push_back({"family", "ipv6"});
  labels.insert(labels.end(), more);
  return labels;
}

std::vector<const Member*> members_of(const std::vector<std::unique_ptr<RouterTask>>& routers) {
  std::vector<const Member*> all;
  for (const auto& router : routers)
    for (const auto& member : router->members()) all.push_back(member.get());
  return all;
}

double seconds(common::WallTime time) {
  return std::chrono::duration<double>{time.time_since_epoch()}.count();
}

void add_moves(Family& family, const Member& router, const char* part,
               const handover::MoveCounts& counts) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::string end{handover::name(static_cast<handover::MoveEnd>(i))};
    family.add(of(router, {{"part", part}, {"end", end}}), static_cast<double>(counts[i]));
  }
}

struct Plain {
  const char* name;
  const char* help;
  std::uint64_t RouterCounters::*counter;
};
constexpr std::array kPlain{
    Plain{"vrrpd_advertisements_sent_total", "Advertisements sent.", &RouterCounters::sent},
    Plain{"vrrpd_advertisements_received_total", "Advertisements that passed the receive checks.",
          &RouterCounters::received},
    Plain{"vrrpd_garp_sent_total", "Gratuitous ARP and neighbour advertisement frames sent.",
          &RouterCounters::announcements},
    Plain{"vrrpd_addresses_restored_total", "Virtual addresses put back after a foreign removal.",
          &RouterCounters::addresses_restored},
    Plain{"vrrpd_address_refusals_total", "Times the kernel would not take a virtual address.",
          &RouterCounters::addresses_refused},
    Plain{"vrrpd_routes_restored_total", "Routes put back after a foreign removal.",
          &RouterCounters::routes_restored},
    Plain{"vrrpd_route_refusals_total", "Times the kernel would not take a route.",
          &RouterCounters::routes_refused},
    Plain{"vrrpd_rules_restored_total",
          "Tables of nftables put back after a foreign removal, such as a flush of the ruleset.",
          &RouterCounters::rules_restored},
    Plain{"vrrpd_rival_claims_total",
          "Claims of a virtual address by another station while Active here.",
          &RouterCounters::rival_claims},
    Plain{"vrrpd_vrid_collisions_total",
          "Advertisements of our VRID that name none of our addresses.",
          &RouterCounters::vrid_collisions},
    Plain{"vrrpd_interval_mismatches_total", "Advertisements with another interval than ours.",
          &RouterCounters::interval_mismatches},
    Plain{"vrrpd_address_mismatches_total", "Advertisements with other addresses than ours.",
          &RouterCounters::address_mismatches},
    Plain{"vrrpd_failures_total", "Sends and address changes that the kernel refused.",
          &RouterCounters::failures}};

}  // namespace

std::vector<MetricFamily> RouterMetrics::Collect() const {
  for (const auto& segment : segments_) segment->drain();  // so that an age is true
  constexpr std::array kStates{State::Initialize, State::Backup, State::Active};
  Family build{"vrrpd_build_info", "Always 1; the version is a label.", MetricType::Gauge};
  build.add({{"version", common::kVersion}}, 1);
  Family state{"vrrpd_state", "1 for the state the Virtual Router is in.", MetricType::Gauge};
  Family transitions{"vrrpd_transitions_total", "Changes into a state.", MetricType::Counter};
  Family changed{"vrrpd_last_transition_timestamp_seconds", "When the state last changed.",
                 MetricType::Gauge};
  Family priority{"vrrpd_priority", "Base and effective priority; effective 0 is not fit.",
                  MetricType::Gauge};
  Family tracker{"vrrpd_tracker_up", "1 when what is tracked is well.", MetricType::Gauge};
  Family age{"vrrpd_last_advertisement_age_seconds",
             "Since another router of this VRID was last heard.", MetricType::Gauge};
  Family discarded{"vrrpd_advertisements_discarded_total",
                   "Advertisements refused by a receive check.", MetricType::Counter};

  Family both{"vrrpd_both_active", "1 while another router is Active, too, as heard here.",
              MetricType::Gauge};
  Family episodes{"vrrpd_both_active_total",
                  "Times two routers were Active at once, as heard here.", MetricType::Counter};
  Family by_word{"vrrpd_backup_by_word",
                 "1 for a Backup that goes by its peer's word, since no advertisement arrives.",
                 MetricType::Gauge};
  Family lease{"vrrpd_lease", "1 while the kernel would silence this node without vrrpd.",
               MetricType::Gauge};
  Family moves{"vrrpd_planned_moves_total",
               "Planned moves, by this node's part and how they ended.", MetricType::Counter};
  Family held{"vrrpd_held_connections", "Served to their end after the addresses were given away.",
              MetricType::Gauge};
  Family notified{"vrrpd_notifications_total", "Notification programs, by how they went.",
                  MetricType::Counter};
  const auto& told = notifier_.counters();
  notified.add({{"result", "ok"}}, static_cast<double>(told.run - told.failed));
  notified.add({{"result", "failed"}}, static_cast<double>(told.failed));
  notified.add({{"result", "left_out"}}, static_cast<double>(told.left_out));

  for (const auto* each : members_of(routers_)) {
    const auto& router = *each;
    const auto& task = router.task();
    both.add(of(router), task.both_active().now() ? 1 : 0);
    lease.add(of(router), router.leased() ? 1 : 0);
    if (const auto* const move = task.planned_move()) {
      add_moves(moves, router, "giver", move->transfer().given());
      add_moves(moves, router, "taker", move->transfer().taken());
      held.add(of(router),
               move->holding() ? static_cast<double>(move->transfer().connections()) : 0);
    }
    by_word.add(of(router), task.election().backup_by_word() ? 1 : 0);
    episodes.add(of(router), static_cast<double>(task.both_active().episodes()));
    for (const auto value : kStates) {
      const std::string word{name(value)};
      state.add(of(router, {{"state", word}}), task.election().state() == value ? 1 : 0);
      transitions.add(
          of(router, {{"to", word}}),
          static_cast<double>(router.counters().transitions[static_cast<std::size_t>(value)]));
    }
    changed.add(of(router), seconds(router.counters().last_transition));
    priority.add(of(router, {{"kind", "base"}}), router.options().priority.value);
    priority.add(of(router, {{"kind", "effective"}}), task.election().priority().value);
    for (const auto& track : task.tracks())
      tracker.add(of(router, {{"name", track.options().name}}), track.up() ? 1 : 0);
    if (const auto& peer = router.last_peer())
      age.add(of(router),
              std::chrono::duration<double>{common::Clock::now() - peer->heard_at}.count());
  }
  for (const auto& segment : segments_)
    for (std::size_t i = 0; i < packet::kRefusals; ++i)
      discarded.add({{"interface", segment->name()},
                     {"reason", std::string{packet::name(static_cast<packet::Refusal>(i))}}},
                    static_cast<double>(segment->counters().discarded[i]));

  std::vector<MetricFamily> families;
  for (auto* family : {&build, &state, &transitions, &changed, &priority, &tracker, &age,
                       &discarded, &both, &episodes, &by_word, &lease, &moves, &held, &notified})
    families.push_back(family->finished());
  for (const auto& plain : kPlain) {
    Family family{plain.name, plain.help, MetricType::Counter};
    for (const auto* router : members_of(routers_))
      family.add(of(*router), static_cast<double>(router->counters().*plain.counter));
    families.push_back(family.finished());
  }
  return families;
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/router_task.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr common::Log kLog{"vrrp.router"};

/// Of the lease, in advertisement intervals: not longer than a Backup waits at least, so that a
/// node which cannot speak is silent before its successor takes over.
constexpr int kLeaseIntervals = 3;

/// The timer's lateness that is worth a record.
constexpr auto kLate = std::chrono::milliseconds{2};
constexpr std::size_t kEventsInLog = 12;

/// The last events, for a log line: `-31 ms heard 192.168.10.11 priority 200 x97, …`.
std::string in_short(const recorder::Flight& flight) {
  std::string text;
  const auto from = flight.size() > kEventsInLog ? flight.size() - kEventsInLog : 0;
  for (auto at = from; at < flight.size(); ++at) {
    const auto& event = flight[at];
    const auto before =
        std::chrono::duration_cast<std::chrono::milliseconds>(flight.back().last - event.last);
    text += fmt::format("{}-{} ms {} {}{}", text.empty() ? "" : "; ", before.count(),
                        recorder::name(event.kind), event.text(),
                        event.count > 1 ? fmt::format(" x{}", event.count) : std::string{});
  }
  return text;
}

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::Initialize:
      return "initialize";
    case State::Backup:
      return "backup";
    case State::Active:
      return "active";
  }
  return "unknown";
}

RouterTask::RouterTask(boost::asio::io_context& context, Segment& segment, link::Netlink& netlink,
                       Memory& memory, programs::Runner* programs, RouterOptions options)
    : options_{std::move(options)},
      segment_{segment},
      memory_{memory},
      election_{parameters()},
      authenticator_{options_.authentication},
      runner_{segment_, netlink, options_, authenticator_, counters_},
      tracks_{context, programs, [this](const tracking::Track& track) { on_track(track); }},
      timer_{context},
      probe_timer_{context} {}

election::Parameters RouterTask::parameters() const {
  return {.priority = options_.priority,
          .advertisement_interval = options_.advertisement_interval,
          .preempt_mode = options_.preempt,
          .preempt_delay = options_.preempt_delay,
          .version = options_.version};
}

bool RouterTask::prepare() {
  was_active_ = was_active_here();
  unchallenged_ = was_active_ && link::lease_alive(lease_options());
  renew_lease(unchallenged_);
  return options_.lease != LeaseMode::Required || segment_.interface().index == 0 || leased();
}

void RouterTask::start() {
  started_ = true;
  // With a lease that has ended nobody was answered here any more, and somebody else may be.
  const bool adopts = unchallenged_ || (was_active_ && !leased());
  tracks_.set(options_.tracks,
              adopts ? tracking::Track::Unknown::Up : tracking::Track::Unknown::Down);
  if (!adopts && segment_.interface().index != 0 && options_.priority != kOwner)
    runner_.remove_stale();
  if (move_ && segment_.interface().index != 0)
    move_->clean(adopts ? diverted_by_last_run() : std::nullopt);
  reconsider_priority("start");
  const auto now = Clock::now();
  planned_ = adopts;  // with what the earlier run diverted
  if (adopts)
    perform(election_.adopt(unchallenged_, now), State::Initialize, "an earlier run was Active");
  else
    perform(election_.start(now), State::Initialize, "start");
  planned_ = false;
}

void RouterTask::change(RouterOptions options) {
  const auto before = std::exchange(options_, std::move(options));
  authenticator_.use(options_.authentication);
  tracks_.set(options_.tracks, tracking::Track::Unknown::Up);
  const bool active = election_.state() == State::Active;
  if (before.addresses != options_.addresses && (active || election_.holding())) {
    if (active) perform({election::TakeAddresses{}, election::Announce{}}, State::Active, "reload");
    runner_.release_others(before.addresses);
    // Of an address whose prefix alone has changed the kernel may have removed either form.
    if (active) guard_addresses();
  }
  const bool other_lease = before.addresses != options_.addresses ||
                           before.lease != options_.lease ||
                           before.advertisement_interval != options_.advertisement_interval ||
                           (before.priority == kOwner) != (options_.priority == kOwner);
  if (other_lease) {
    leased_interface_ = 0;
    if (!wants_lease()) lease_.remove();
    renew_lease(active);
  }
  perform(election_.on_parameters(parameters(), Clock::now()), election_.state(), "reload");
  reconsider_priority("reload");
}

void RouterTask::stop(std::function<void()> on_gone) {
  tracks_.stop();
  leaving_ = true;
  on_gone_ = std::move(on_gone);
  if (election_.state() == State::Active) return leave(Errand::Stop);
  tell_if_gone();
}

void RouterTask::abort() {
  if (move_) move_->abandon();
  if (on_gone_ && election_.state() == State::Active)
    perform(election_.stop(Clock::now()), State::Active, "abort");
  perform(election_.abort(), election_.state(), "abort");
  tell_if_gone();
}

void RouterTask::set_maintenance(bool on) {
  if (std::exchange(maintenance_, on) != on) reconsider_priority("maintenance");
}

void RouterTask::tell_if_gone() {
  if (!on_gone_ || election_.holding()) return;
  if (move_ && (move_->moving() || move_->holding())) return;
  const auto before = election_.state();
  if (before != State::Initialize) {
    perform(election_.stop(Clock::now()), before, "stop");
    if (election_.holding()) return;  // had to become Active once more meanwhile
  }
  lease_.remove();
  std::exchange(on_gone_, nullptr)();
}

void RouterTask::on_interface() {
  if (!started_) return;
  renew_lease(false);
  reconsider_priority("interface");
  if (election_.state() == State::Active) guard_addresses();
}

void RouterTask::on_timer(common::TimePoint due) {
  const auto late = Clock::now() - due;
  if (late >= kLate)
    note(recorder::Kind::Late, "the timer by {} ms",
         std::chrono::duration_cast<std::chrono::milliseconds>(late).count());
  segment_.drain();  // silence is judged only beside an empty socket
  const auto before = election_.state();
  election_.ask_before_preemption(move_ && last_peer_ && move_->can_ask(last_peer_->address));
  perform(election_.on_deadline(Clock::now()), before, "no advertisement in time");
  tell_if_gone();
}

void RouterTask::on_track(const tracking::Track& track) {
  kLog.info(track.up() ? "track is up" : "track is down", {{"vrid", options_.vrid.value},
                                                           {"interface", options_.interface},
                                                           {"track", track.options().name},
                                                           {"weight", track.weight()}});
  note(recorder::Kind::Track, "{} is {}, weight {}", track.options().name,
       track.up() ? "up" : "down", track.weight());
  reconsider_priority(track.options().name);
}

Priority RouterTask::wanted_priority() const {
  if (!usable() || maintenance_) return kResigning;
  return tracking::effective_priority(options_.priority, tracks());
}

void RouterTask::reconsider_priority(std::string_view reason) {
  const auto priority = wanted_priority();
  if (priority == election_.priority()) return;
  kLog.info("effective priority changed", {{"vrid", options_.vrid.value},
                                           {"interface", options_.interface},
                                           {"from", election_.priority().value},
                                           {"to", priority.value},
                                           {"reason", reason}});
  note(recorder::Kind::Priority, "{} to {}: {}", election_.priority().value, priority.value,
       reason);
  const auto before = election_.state();
  if (priority == kResigning && before == State::Active && usable()) {
    if (errand_ == Errand::None) leave(Errand::Unfit);
    return;
  }
  perform(election_.on_priority(priority, Clock::now()), before, reason);
}

void RouterTask::perform(const election::Actions& actions, State before, std::string_view reason) {
  tell_move(before);
  const bool addresses_stand = runner_.run(actions);
  if (std::ranges::find(actions, election::Action{election::RequestHandover{}}) != actions.end())
    move_->request(last_peer_->address);
  arm_timer();
  report_transition(before, reason);
  if (!addresses_stand) on_addresses_refused();
}

/// Not a loop: the election answers with no claim, and after a few of them with none for a while.
void RouterTask::on_addresses_refused() {
  const auto before = election_.state();
  perform(election_.on_addresses_refused(Clock::now()), before, "the kernel refuses the addresses");
}

void RouterTask::report_transition(State before, std::string_view reason) {
  const auto state = election_.state();
  if (state == before) return;
  arm_probe();
  remember_role();
  ++counters_.transitions[static_cast<std::size_t>(state)];
  counters_.last_transition = common::wall_now();
  kLog.info("state changed", {{"vrid", options_.vrid.value},
                              {"interface", options_.interface},
                              {"from", name(before)},
                              {"to", name(state)},
                              {"reason", reason},
                              {"priority", election_.priority().value},
                              {"peer", last_peer_ ? last_peer_->address.to_string() : "none"}});
  tell_transition(before, reason);
}

void RouterTask::tell_transition(State before, std::string_view reason) {
  const auto state = election_.state();
  auto& journal = segment_.journal();
  note(recorder::Kind::State, "{} to {}: {}", name(before), name(state), reason);
  const auto& flight = journal.recorder.keep_flight(options_.interface, options_.vrid.value);
  kLog.info("what led to it", {{"vrid", options_.vrid.value},
                               {"interface", options_.interface},
                               {"events", in_short(flight)}});
  std::string addresses;
  for (const auto& address : options_.addresses)
    addresses += (addresses.empty() ? "" : " ") + address.to_string();
  journal.notifier.on_transition(
      {.interface = options_.interface,
       .vrid = options_.vrid.value,
       .from = std::string{name(before)},
       .to = std::string{name(state)},
       .reason = std::string{reason},
       .priority = election_.priority().value,
       .peer = last_peer_ ? last_peer_->address.to_string() : std::string{},
       .addresses = std::move(addresses)});
}

void RouterTask::arm_timer() {
  const auto deadline = election_.next_deadline();
  if (deadline == armed_for_) return;
  armed_for_ = deadline;
  if (deadline == common::TimePoint::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(deadline);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    const auto due = std::exchange(armed_for_, common::TimePoint::max());
    on_timer(due);
  });
}

bool RouterTask::wants_lease() const {
  return options_.lease != LeaseMode::Off && options_.priority != kOwner;
}

/// Once for each interface of that name: it may come late, or be made anew.
void RouterTask::renew_lease(bool alive) {
  const auto index = static_cast<unsigned>(segment_.interface().index);
  if (!wants_lease() || index == 0 || index == leased_interface_) return;
  leased_interface_ = index;
  auto lease = lease_options();
  lease.alive = alive;
  if (const auto refused = lease_.install(lease))
    kLog.warn(
        "no lease: killed, this node would go on answering for its addresses",
        {{"vrid", options_.vrid.value}, {"interface", options_.interface}, {"reason", *refused}});
}

link::LeaseOptions RouterTask::lease_options() const {
  link::LeaseOptions lease{.interface = options_.interface, .vrid = options_.vrid, .addresses = {}};
  for (const auto& address : options_.addresses) lease.addresses.push_back(address.ip);
  lease.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      kLeaseIntervals * options_.advertisement_interval);
  return lease;
}

void RouterTask::guard_addresses() {
  const auto restored = runner_.restore();
  if (!restored) return on_addresses_refused();
  if (*restored == 0) return;
  counters_.addresses_restored += static_cast<std::uint64_t>(*restored);
  note(recorder::Kind::Addresses, "{} put back", *restored);
  runner_.run({election::Announce{}});
  if (guard_limit_.admits(Clock::now()))
    kLog.warn("somebody removed a virtual address, it was put back",
              {{"vrid", options_.vrid.value},
               {"interface", options_.interface},
               {"not_logged", guard_limit_.suppressed()}});
}

packet::Listener RouterTask::listener() const {
  return {.vrid = options_.vrid,
          .family = options_.family(),
          .version = options_.version,
          .advertisement_interval = options_.advertisement_interval,
          .peers = options_.peers,
          .least_time_to_live = options_.least_time_to_live};
}

bool RouterTask::has_address(const common::IpAddress& address) const {
  return std::ranges::any_of(options_.addresses,
                             [&](const common::PrefixedAddress& own) { return own.ip == address; });
}

}  // namespace vrrp::daemon

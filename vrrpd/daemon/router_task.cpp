#include "vrrpd/daemon/router_task.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr common::Log kLog{"vrrp.router"};

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

RouterTask::RouterTask(boost::asio::io_context& context, const SegmentOf& segment_of,
                       link::Netlink& netlink, Memory& memory, programs::Runner* programs,
                       RouterGroup group)
    : group_{std::move(group)},
      memory_{memory},
      election_{parameters()},
      networks_{group_.size()},
      tracks_{context, programs, [this](const tracking::Track& track) { on_track(track); }},
      timer_{context, [this](common::TimePoint due) { on_timer(due); }},
      probe_timer_{context} {
  for (const auto& options : group_)
    members_.push_back(
        std::make_unique<Member>(*this, segment_of(options.interface), netlink, options));
}

election::Parameters RouterTask::parameters() const {
  const auto& options = group_.front();
  return {.priority = options.priority,
          .advertisement_interval = options.advertisement_interval,
          .preempt_mode = options.preempt,
          .preempt_delay = options.preempt_delay,
          .version = options.version,
          .announcements = options.announcements};
}

/// Of all members, each once.
std::vector<tracking::TrackOptions> RouterTask::all_tracks() const {
  std::vector<tracking::TrackOptions> all;
  for (const auto& options : group_)
    for (const auto& track : options.tracks)
      if (std::ranges::find(all, track) == all.end()) all.push_back(track);
  return all;
}

bool RouterTask::usable() const {
  return std::ranges::all_of(members_, [](const auto& member) { return member->usable(); });
}

bool RouterTask::leased() const {
  return std::ranges::all_of(members_, [](const auto& member) { return member->leased(); });
}

void RouterTask::recall() {
  was_active_ = was_active_here();
  if (!was_active_) return;
  hear_first();
  const auto all = [this](auto what) { return std::ranges::all_of(members_, what); };
  unchallenged_ = all([](const auto& member) { return member->was_leased(); }) ||
                  (!challenged_ && all([](const auto& member) { return member->heard_all(); }));
}

void RouterTask::prepare() {
  for (auto& member : members_) member->prepare(unchallenged_);
}

bool RouterTask::prepared() const {
  bool all = true;
  for (const auto& member : members_) all = member->prepared() && all;
  return all;
}

void RouterTask::try_leases(const RouterGroup& wanted) {
  const bool active = election_.state() == State::Active;
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i]->try_lease(wanted[i], active);
}

bool RouterTask::tried(const RouterGroup& wanted) const {
  return std::ranges::equal(members_, wanted, [](const auto& member, const RouterOptions& options) {
    return member->tried(options);
  });
}

void RouterTask::take_back_leases() {
  for (auto& member : members_) member->take_back_lease();
}

void RouterTask::discard() {
  for (auto& member : members_) member->leave_kernel();
}

void RouterTask::start(common::TimePoint not_before) {
  started_ = true;
  // With a lease that has ended nobody was answered here any more, and somebody else may be.
  const bool adopts = unchallenged_ || (was_active_ && !challenged_ && !leased());
  tracks_.set(all_tracks(), adopts ? tracking::Track::Unknown::Up : tracking::Track::Unknown::Down);
  if (!adopts && options().priority != kOwner)
    for (auto& member : members_)
      if (member->segment().interface().index != 0) member->runner().remove_stale();
  if (move_ && leader().segment().interface().index != 0)
    move_->clean(adopts ? diverted_by_last_run() : std::nullopt);
  reconsider_priority("start");
  const auto now = Clock::now();
  planned_ = adopts;  // with what the earlier run diverted
  if (adopts)
    perform(election_.adopt(unchallenged_, now), State::Initialize, "an earlier run was Active");
  else
    perform(election_.start(now, not_before), State::Initialize, "start");
  planned_ = false;
}

void RouterTask::change(RouterGroup group) {
  hear_what_waits();
  const auto before = std::exchange(group_, std::move(group));
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i]->use(group_[i]);
  tracks_.set(all_tracks(), tracking::Track::Unknown::Up);
  const bool active = election_.state() == State::Active;
  const bool other_addresses =
      !std::ranges::equal(before, group_, {}, &RouterOptions::addresses,
                          &RouterOptions::addresses) ||
      !std::ranges::equal(before, group_, {}, &RouterOptions::routes, &RouterOptions::routes);
  if (other_addresses && (active || election_.holding())) {
    if (active) perform({election::TakeAddresses{}, election::Announce{}}, State::Active, "reload");
    for (std::size_t i = 0; i < members_.size(); ++i)
      members_[i]->runner().release_others(before[i]);
    // Of an address whose prefix alone has changed the kernel may have removed either form.
    if (active) guard_addresses();
  }
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto& [old, now] = std::tie(before[i], group_[i]);
    const bool other_lease = old.addresses != now.addresses || old.lease != now.lease ||
                             old.advertisement_interval != now.advertisement_interval ||
                             (old.priority == kOwner) != (now.priority == kOwner);
    if (other_lease) members_[i]->replace_lease(active);
    if (old.accept != now.accept || old.addresses != now.addresses)
      members_[i]->apply_accept_mode();
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

bool RouterTask::settled() const {
  return !leaving_ && !election_.holding() && !election_.awaits_successor() &&
         !(move_ && (move_->moving() || move_->holding()));
}

void RouterTask::make_way() {
  perform(election_.speak(), election_.state(), "the next run is to go on");
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
  discard();
  std::exchange(on_gone_, nullptr)();
}

void RouterTask::on_interface() {
  if (!started_) return;
  reconsider_priority("interface");
  if (election_.state() == State::Active) guard_addresses();
}

void RouterTask::on_timer(common::TimePoint due) {
  const auto late = Clock::now() - due;
  const bool active = election_.state() == State::Active;
  if (active) note_late(late);
  // Silence is judged only beside empty sockets. An Active Router judges none; what came in while
  // it was in time has its turn next.
  hearing_ = true;
  if (!active || late >= kLate) hear_first();
  hearing_ = false;
  if (!active && election_.next_deadline() <= Clock::now()) note_late(late);  // else for nothing
  const auto before = election_.state();
  const auto& peer = leader().last_peer();
  election_.ask_before_preemption(move_ && peer && move_->can_ask(peer->address));
  const auto now = Clock::now();
  perform(election_.on_deadline(now), before, "no advertisement in time");
  confirm_rival(now);
  tell_if_gone();
}

void RouterTask::note_late(common::Duration late) {
  if (late < kLate) return;
  leader().note(recorder::Kind::Late, "the timer by {} ms",
                std::chrono::duration_cast<std::chrono::milliseconds>(late).count());
}

void RouterTask::on_track(const tracking::Track& track) {
  kLog.info(track.up() ? "track is up" : "track is down", {{"vrid", options().vrid.value},
                                                           {"interface", options().interface},
                                                           {"track", track.options().name},
                                                           {"weight", track.weight()}});
  leader().note(recorder::Kind::Track, "{} is {}, weight {}", track.options().name,
                track.up() ? "up" : "down", track.weight());
  reconsider_priority(track.options().name);
}

Priority RouterTask::wanted_priority() const {
  if (!usable() || maintenance_) return kResigning;
  return tracking::effective_priority(options().priority, tracks());
}

void RouterTask::reconsider_priority(std::string_view reason) {
  const auto priority = wanted_priority();
  if (priority == election_.priority()) return;
  hear_what_waits();
  kLog.info("effective priority changed", {{"vrid", options().vrid.value},
                                           {"interface", options().interface},
                                           {"from", election_.priority().value},
                                           {"to", priority.value},
                                           {"reason", reason}});
  leader().note(recorder::Kind::Priority, "{} to {}: {}", election_.priority().value,
                priority.value, reason);
  const auto before = election_.state();
  if (priority == kResigning && before == State::Active && usable()) {
    if (errand_ == Errand::None) leave(Errand::Unfit);
    return;
  }
  perform(election_.on_priority(priority, Clock::now()), before, reason);
  if (move_ && before == State::Backup) move_->on_fitness();
}

/// Before an owner's addresses are announced, and once nothing is held any more.
void RouterTask::hush() {
  const auto state = election_.state();
  for (auto& member : members_) member->hush(state == State::Backup && !election_.holding());
}

/// An action on every member before the next one: no word is said on any LAN before all addresses
/// stand. False when the kernel refuses one.
bool RouterTask::run(const election::Actions& actions) {
  return std::ranges::all_of(actions, [this](const election::Action& action) {
    return std::ranges::all_of(members_, [&](const auto& member) { return member->run(action); });
  });
}

void RouterTask::perform(const election::Actions& actions, State before, std::string_view reason) {
  tell_move(before);
  hush();
  const bool addresses_stand = run(actions);
  if (std::ranges::find(actions, election::Action{election::RequestHandover{}}) != actions.end())
    move_->request(leader().last_peer()->address);
  if (!hearing_) arm_timer();
  if (!only_waits())
    for (auto& member : members_) member->segment().hear_at_once(*member);
  report_transition(before, reason);
  if (!addresses_stand) on_addresses_refused();
}

/// Not a loop: the election answers with no claim, and after a few of them with none for a while.
void RouterTask::on_addresses_refused() {
  const auto before = election_.state();
  perform(election_.on_addresses_refused(Clock::now()), before, "the kernel refuses the addresses");
}

void RouterTask::guard_addresses() {
  const bool stand =
      std::ranges::all_of(members_, [](const auto& member) { return member->guard_addresses(); });
  if (!stand) on_addresses_refused();
}

void RouterTask::report_transition(State before, std::string_view reason) {
  const auto state = election_.state();
  if (state == before) return;
  if (state == State::Active)
    both_active_.on_active(Clock::now());
  else
    end_both_active(Clock::now());
  arm_probe();
  remember_role();
  for (auto& member : members_) tell_transition(*member, before, reason);
  const auto& flight =
      leader().segment().journal().recorder.keep_flight(options().interface, options().vrid.value);
  kLog.info("what led to it", {{"vrid", options().vrid.value},
                               {"interface", options().interface},
                               {"events", in_short(flight)}});
}

void RouterTask::tell_transition(Member& member, State before, std::string_view reason) {
  const auto state = election_.state();
  const auto& options = member.options();
  const auto peer = member.last_peer() ? member.last_peer()->address.to_string() : std::string{};
  member.count_transition(state);
  kLog.info("state changed", {{"vrid", options.vrid.value},
                              {"interface", options.interface},
                              {"from", name(before)},
                              {"to", name(state)},
                              {"reason", reason},
                              {"priority", election_.priority().value},
                              {"peer", peer.empty() ? "none" : peer}});
  member.note(recorder::Kind::State, "{} to {}: {}", name(before), name(state), reason);
  std::string addresses;
  for (const auto& address : options.addresses)
    addresses += (addresses.empty() ? "" : " ") + address.to_string();
  member.segment().journal().notifier.on_transition({.interface = options.interface,
                                                     .vrid = options.vrid.value,
                                                     .from = std::string{name(before)},
                                                     .to = std::string{name(state)},
                                                     .reason = std::string{reason},
                                                     .priority = election_.priority().value,
                                                     .peer = peer,
                                                     .addresses = std::move(addresses)});
}

void RouterTask::arm_timer() {
  const bool active = election_.state() == State::Active;
  timer_.set(election_.next_deadline(),
             active ? options().advertisement_interval : common::Duration::zero(), Clock::now());
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/planned_move.hpp"

#include "vrrpd/link/diversion.hpp"
#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::daemon {

using common::Clock;
using handover::Kind;

namespace {

constexpr common::Log kLog{"vrrp.move"};

double milliseconds(common::Duration duration) {
  return std::chrono::duration<double, std::milli>{duration}.count();
}

std::vector<common::IpAddress> addresses_of(const RouterOptions& options) {
  std::vector<common::IpAddress> all;
  for (const auto& address : options.addresses) all.push_back(address.ip);
  return all;
}

}  // namespace

PlannedMove::PlannedMove(boost::asio::io_context& context, Mover& mover, PeerLink& peers,
                         LbdWord& lbd, const Members& members, common::Duration drain)
    : mover_{mover},
      peers_{peers},
      lbd_{lbd},
      members_{members},
      transfer_{drain},
      timer_{context},
      count_timer_{context},
      count_waiter_{context, [this] { on_counted(); }},
      // Not the numbers of an earlier run: a peer may still be busy with one of those.
      last_id_{static_cast<std::uint64_t>(common::wall_now().time_since_epoch().count())} {
  peers_.join(leader().vrid,
              [this](const common::IpAddress& from, const handover::Message& message) {
                on_message(from, message);
              });
}

PlannedMove::~PlannedMove() {
  lbd_.end(this);
  peers_.leave(leader().vrid);
}

void PlannedMove::clean(const std::optional<handover::Peer>& diverting_to) {
  nft("nothing is held any more", silence_removal());
  if (!diverting_to) {
    nft("nothing is diverted any more", diversion_removal());
    return;
  }
  transfer_.resume_diversion(*diverting_to, Clock::now());
  arm();
}

bool PlannedMove::begin() {
  handover::Steps steps;
  const auto now = Clock::now();
  const auto wanted = std::exchange(asked_by_, std::nullopt);
  if (!transfer_.begin(++last_id_, mover_.self(), now, steps, wanted)) return false;
  began_ = now;
  return perform(steps);
}

void PlannedMove::request(const common::IpAddress& active) {
  handover::Steps steps;
  if (transfer_.request(active, Clock::now(), steps)) perform(steps);
}

bool PlannedMove::can_ask(const common::IpAddress& active) const {
  return transfer_.knows(active, Clock::now());
}

void PlannedMove::on_advertisement(const common::IpAddress& source, Priority priority) {
  if (priority != kResigning)
    perform(transfer_.on_advertisement(source, mover_.self(), Clock::now()));
}

void PlannedMove::on_active_alone() { perform(transfer_.on_active_alone(Clock::now())); }
void PlannedMove::on_replaced() { perform(transfer_.on_replaced()); }
void PlannedMove::abandon() { perform(transfer_.abandon()); }

void PlannedMove::set_active_router(std::optional<common::IpAddress> address) {
  transfer_.set_active_router(address);
  arm();
}

void PlannedMove::contest(bool contested) {
  transfer_.contest(contested, Clock::now());
  arm();
}

void PlannedMove::on_fitness() {
  transfer_.on_fitness(Clock::now());
  arm();
}

/// Each of ours has one of its own there, to be moved together with it.
bool PlannedMove::has_our_routers(const handover::Message& message) const {
  const auto has = [&](const auto& member) {
    return std::ranges::any_of(message.places, [&](const handover::Place& place) {
      return place.vrid == member->options().vrid && place.family == member->options().family();
    });
  };
  return message.kind == Kind::Echo || std::ranges::all_of(members_, has);
}

void PlannedMove::on_message(const common::IpAddress& from, const handover::Message& message) {
  if (!has_our_routers(message)) {
    if (stranger_limit_.admits(Clock::now()))
      kLog.warn("a peer cannot move what moves together here: its group has other routers",
                {{"vrid", leader().vrid.value},
                 {"interface", leader().interface},
                 {"peer", from.to_string()},
                 {"not_logged", stranger_limit_.suppressed()}});
    return;
  }
  // An advertisement that was sent before this word is heard before it.
  if (message.kind == Kind::Go) mover_.hear_first();
  perform(transfer_.on_message(from, message, mover_.self(), Clock::now()));
  if (message.kind == Kind::Hello && message.active) mover_.on_word(from, message.priority);
  if (message.kind != Kind::Request || !transfer_.grants(from, message, mover_.self())) return;
  asked_by_ = from;
  mover_.asked();
  asked_by_.reset();  // when it had something else to do
}

bool PlannedMove::perform(const handover::Steps& steps) {
  for (const auto& step : steps) {
    const bool done = std::visit(
        [this](const auto& each) {
          if constexpr (std::is_void_v<decltype(perform(each))>)
            return perform(each), true;
          else
            return perform(each);
        },
        step);
    if (done) continue;
    perform(transfer_.on_diversion_refused());
    return false;
  }
  arm();
  return true;
}

void PlannedMove::perform(const handover::Say& step) { say(step.to, step.kind, step.transfer); }

void PlannedMove::perform(const handover::Hail&) {
  say(link::everybody(leader().family()), Kind::Hello, 0);
}

void PlannedMove::say(const common::IpAddress& to, Kind kind, std::uint64_t transfer) {
  const auto self = mover_.self();
  peers_.say(to, {.kind = kind,
                  .vrid = leader().vrid,
                  .priority = self.fit ? self.priority : kResigning,
                  .active = self.active,
                  .holding = transfer_.holding(),
                  .places = places(),
                  .transfer = transfer});
}

bool PlannedMove::perform(const handover::Divert& step) {
  const bool diverts = divert_to(step.peer);
  mover_.changed();
  return diverts;
}

bool PlannedMove::divert_to(const handover::Peer& peer) {
  std::string tables;
  for (const auto& member : members_) {
    const auto& options = member->options();
    const auto& place = *std::ranges::find_if(peer.places, [&](const handover::Place& one) {
      return one.vrid == options.vrid && one.family == options.family();
    });
    tables += link::diversion_ruleset({.interface = options.interface,
                                       .vrid = options.vrid,
                                       .addresses = addresses_of(options),
                                       .peer = place.address,
                                       .peer_mac = place.mac,
                                       .device = member->virtual_device()});
  }
  return nft("connections of the other node cannot be sent on to it", tables);
}

void PlannedMove::perform(const handover::EndDiversion&) {
  nft("the diversion does not end", diversion_removal());
  mover_.changed();
}

void PlannedMove::perform(const handover::Withdraw&) {
  last_move_ = Clock::now() - began_;
  const bool silent = fall_silent();
  kLog.info("handed over, serving what is connected", {{"vrid", leader().vrid.value},
                                                       {"interface", leader().interface},
                                                       {"took_ms", milliseconds(*last_move_)}});
  mover_.withdraw();
  // It would answer for the addresses beside the taker, or drop what is connected: the plain way.
  if (!silent) return abandon();
  lbd_.begin(this);
  count();
}

/// For the addresses, but serving who is connected.
bool PlannedMove::fall_silent() {
  std::string tables;
  for (const auto& member : members_)
    if (const auto place = member->place())
      tables += link::silence_ruleset({.interface = member->options().interface,
                                       .vrid = member->options().vrid,
                                       .addresses = addresses_of(member->options()),
                                       .own = place->address,
                                       .device = member->virtual_device()});
  return nft("the node is not silent for what it holds", tables) && hold_leases(true);
}

void PlannedMove::restore_rules(const link::GoneTables& gone) {
  const auto restore = [&](bool wanted, auto table_of, auto put_back) {
    bool any = false;
    for (const auto& member : members_) {
      const auto table = table_of(member->options().interface, member->options().vrid);
      if (!wanted || !gone.has(table)) continue;
      member->note_rules_restored(table);
      any = true;
    }
    if (any) put_back();
  };
  restore(transfer_.diverting(), link::diversion_table,
          [this] { divert_to(*transfer_.diverted_to()); });
  restore(transfer_.holding(), link::silence_table, [this] { fall_silent(); });
  if (transfer_.holding()) hold_leases(true);  // in a new lease nothing is
}

void PlannedMove::perform(const handover::EndSilence&) {
  lbd_.end(this);
  nft("the silence does not end", silence_removal());
  hold_leases(false);
  count_timer_.cancel();
  mover_.changed();
}

void PlannedMove::perform(const handover::LetGo&) {
  kLog.info("the addresses go", {{"vrid", leader().vrid.value},
                                 {"interface", leader().interface},
                                 {"connections_cut", transfer_.connections()}});
  // The addresses first: without the silence the node would answer for them.
  mover_.let_go();
  perform(handover::EndSilence{});
}

void PlannedMove::perform(const handover::GiveUp& step) {
  kLog.warn("the peer does not take over in the planned way",
            {{"vrid", leader().vrid.value},
             {"interface", leader().interface},
             {"after_ms", milliseconds(Clock::now() - began_)}});
  mover_.give_up(step.awaited);
}

void PlannedMove::arm() {
  const auto deadline = transfer_.next_deadline();
  if (deadline == armed_for_) return;
  armed_for_ = deadline;
  if (deadline == common::TimePoint::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(deadline);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_for_ = common::TimePoint::max();
    perform(transfer_.on_deadline(mover_.self(), Clock::now()));
  });
}

/// Again and again while anything is held.
void PlannedMove::count() {
  if (!counter_) {
    auto opened = link::ConnectionCounter::open();
    if (!opened) {
      kLog.warn("connections cannot be counted: what is held is held until its time is over",
                {{"reason", opened.error().message()}});
      return;
    }
    counter_.emplace(std::move(*opened));
    count_waiter_.watch(counter_->descriptor());
  }
  if (const auto asked = counter_->ask(addresses()); !asked)
    kLog.warn("connections are not counted", {{"reason", asked.error().message()}});
  count_timer_.expires_after(kCountInterval);
  count_timer_.async_wait([this](boost::system::error_code error) {
    if (!error && transfer_.holding()) count();
  });
}

void PlannedMove::on_counted() {
  const auto number = counter_->read();
  if (number && *number) perform(transfer_.on_connections(**number, Clock::now()));
}

bool PlannedMove::nft(const std::string& what, const std::string& commands) {
  const auto refused = link::run_nft(commands);
  if (refused)
    kLog.error(
        what,
        {{"vrid", leader().vrid.value}, {"interface", leader().interface}, {"reason", *refused}});
  return !refused;
}

bool PlannedMove::hold_leases(bool on) {
  bool all = true;
  for (const auto& member : members_)
    if (const auto refused = member->hold_lease(on)) {
      all = false;
      kLog.error(on ? "what is held is not reached" : "the lease is not as it was",
                 {{"vrid", member->options().vrid.value}, {"reason", *refused}});
    }
  return all;
}

std::string PlannedMove::diversion_removal() const {
  std::string removals;
  for (const auto& member : members_) {
    const auto& options = member->options();
    removals += link::diversion_removal(options.interface, options.vrid, options.family());
  }
  return removals;
}

std::string PlannedMove::silence_removal() const {
  std::string removals;
  for (const auto& member : members_) {
    const auto& options = member->options();
    removals += link::silence_removal(options.interface, options.vrid, options.family());
  }
  return removals;
}

/// Without a primary address of one of them nothing can be moved in this way.
handover::Places PlannedMove::places() const {
  handover::Places all;
  for (const auto& member : members_)
    if (const auto place = member->place()) all.push_back(*place);
  return all;
}

std::vector<common::IpAddress> PlannedMove::addresses() const {
  std::vector<common::IpAddress> all;
  for (const auto& member : members_)
    for (const auto& address : addresses_of(member->options())) all.push_back(address);
  return all;
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/planned_move.hpp"

#include "vrrpd/link/diversion.hpp"
#include "vrrpd/link/nft.hpp"

namespace vrrp::daemon {

using common::Clock;
using handover::Kind;

namespace {

constexpr common::Log kLog{"vrrp.move"};

double milliseconds(common::Duration duration) {
  return std::chrono::duration<double, std::milli>{duration}.count();
}

}  // namespace

PlannedMove::PlannedMove(boost::asio::io_context& context, Mover& mover, PeerLink& peers,
                         const RouterOptions& options, link::Lease& lease, common::Duration drain)
    : mover_{mover},
      peers_{peers},
      options_{options},
      lease_{lease},
      transfer_{drain},
      timer_{context},
      count_timer_{context},
      count_waiter_{context, [this] { on_counted(); }},
      // Not the numbers of an earlier run: a peer may still be busy with one of those.
      last_id_{static_cast<std::uint64_t>(common::wall_now().time_since_epoch().count())} {
  peers_.join(options_.vrid,
              [this](const common::IpAddress& from, const handover::Message& message) {
                on_message(from, message);
              });
}

void PlannedMove::clean(const std::optional<handover::Peer>& diverting_to) {
  nft("nothing is held any more", link::silence_removal(options_.interface, options_.vrid));
  if (!diverting_to)
    return nft("nothing is diverted any more",
               link::diversion_removal(options_.interface, options_.vrid));
  transfer_.resume_diversion(*diverting_to, Clock::now());
  arm();
}

bool PlannedMove::begin() {
  handover::Steps steps;
  const auto now = Clock::now();
  if (!transfer_.begin(++last_id_, mover_.self(), now, steps)) return false;
  began_ = now;
  perform(steps);
  return true;
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

void PlannedMove::on_message(const common::IpAddress& from, const handover::Message& message) {
  // An advertisement that was sent before this word is heard before it.
  if (message.kind == Kind::Go) mover_.hear_first();
  perform(transfer_.on_message(from, message, mover_.self(), Clock::now()));
  if (message.kind == Kind::Request && mover_.self().active &&
      message.priority > mover_.self().priority)
    mover_.asked();
}

void PlannedMove::perform(const handover::Steps& steps) {
  for (const auto& step : steps) std::visit([this](const auto& each) { perform(each); }, step);
  arm();
}

void PlannedMove::perform(const handover::Say& step) {
  const auto self = mover_.self();
  peers_.say(step.to, {.kind = step.kind,
                       .vrid = options_.vrid,
                       .priority = self.fit ? self.priority : kResigning,
                       .active = self.active,
                       .holding = transfer_.holding(),
                       .transfer = step.transfer});
}

void PlannedMove::perform(const handover::Divert& step) {
  nft("connections of the other node cannot be sent on to it",
      link::diversion_ruleset({.interface = options_.interface,
                               .vrid = options_.vrid,
                               .addresses = addresses(),
                               .peer = step.peer.address,
                               .peer_mac = step.peer.mac}));
  mover_.changed();
}

void PlannedMove::perform(const handover::EndDiversion&) {
  nft("the diversion does not end", link::diversion_removal(options_.interface, options_.vrid));
  mover_.changed();
}

void PlannedMove::perform(const handover::Withdraw&) {
  last_move_ = Clock::now() - began_;
  if (const auto& own = peers_.segment().primary(Family::V4))
    nft("the node is not silent for what it holds",
        link::silence_ruleset({.interface = options_.interface,
                               .vrid = options_.vrid,
                               .addresses = addresses(),
                               .own = *own}));
  if (const auto refused = lease_.hold(true))
    kLog.error("what is held is not reached", {{"reason", *refused}});
  kLog.info("handed over, serving what is connected", {{"vrid", options_.vrid.value},
                                                       {"interface", options_.interface},
                                                       {"took_ms", milliseconds(*last_move_)}});
  mover_.withdraw();
  count();
}

void PlannedMove::perform(const handover::EndSilence&) {
  nft("the silence does not end", link::silence_removal(options_.interface, options_.vrid));
  if (const auto refused = lease_.hold(false))
    kLog.error("the lease is not as it was", {{"reason", *refused}});
  count_timer_.cancel();
  mover_.changed();
}

void PlannedMove::perform(const handover::LetGo&) {
  kLog.info("the addresses go", {{"vrid", options_.vrid.value},
                                 {"interface", options_.interface},
                                 {"connections_cut", transfer_.connections()}});
  // The addresses first: without the silence the node would answer for them.
  mover_.let_go();
  perform(handover::EndSilence{});
}

void PlannedMove::perform(const handover::GiveUp& step) {
  kLog.warn("the peer does not take over in the planned way",
            {{"vrid", options_.vrid.value},
             {"interface", options_.interface},
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

void PlannedMove::nft(const std::string& what, const std::string& commands) {
  if (const auto refused = link::run_nft(commands))
    kLog.error(
        what,
        {{"vrid", options_.vrid.value}, {"interface", options_.interface}, {"reason", *refused}});
}

std::vector<common::IpAddress> PlannedMove::addresses() const {
  std::vector<common::IpAddress> all;
  for (const auto& address : options_.addresses) all.push_back(address.ip);
  return all;
}

}  // namespace vrrp::daemon

#include "vrrpd/handover/transfer.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::handover {

using common::IpAddress;
using common::TimePoint;

std::string_view name(MoveEnd end) {
  switch (end) {
    case MoveEnd::Done:
      return "done";
    case MoveEnd::NoPeer:
      return "no_peer";
    case MoveEnd::Refused:
      return "refused";
    case MoveEnd::NoAnswer:
      return "no_answer";
    case MoveEnd::NoAdvertisement:
      return "no_advertisement";
    case MoveEnd::NoTable:
      return "no_table";
    case MoveEnd::Overtaken:
      return "overtaken";
  }
  return "unknown";
}

Steps Transfer::on_message(const IpAddress& from, const Message& message, const Self& self,
                           TimePoint now) {
  Steps steps;
  if (message.kind == Kind::Echo) {
    const bool relieved = moving() && move_->going;
    if ((!knows(from, now) || self.active) && !relieved) steps.push_back(Say{Kind::Hello, from});
    return steps;
  }
  note(from, message, now);
  const bool from_partner = diverted_to_ && diverted_to_->address == from;
  switch (message.kind) {
    case Kind::Hello:
      return on_hello(from, message, self, now);
    case Kind::Offer:
      return on_offer(from, message, self, now);
    case Kind::Ready:
      return on_ready(message, now);
    case Kind::Refuse:
      if (moving() && !move_->going && message.transfer == move_->id)
        return give_up(MoveEnd::Refused);
      return steps;
    case Kind::Go:
      return on_go(message, self, now);
    case Kind::Done:
      if (from_partner && !holding_ && !move_) end_diversion(steps);
      return steps;
    case Kind::Request:  // the caller asks `begin`: it knows why it would not
    case Kind::Echo:
      return steps;
  }
  return steps;
}

Steps Transfer::on_hello(const IpAddress& from, const Message& message, const Self& self,
                         TimePoint now) {
  if (!self.active) return {};
  const bool from_partner = diverted_to_ && diverted_to_->address == from;
  if (from_partner && message.holding) diversion_until_ = now + kPeerLimit;
  // Who is about to be relieved does not say that it is Active.
  if (moving() && move_->going) return {};
  // A Backup is answered, so that both know that the other can be talked to; a lesser Active
  // Router, so that it yields. A better one has no need of it.
  const bool better =
      message.active && (message.priority > self.priority ||
                         (message.priority == self.priority && from > self.address));
  if (better) return {};
  return {Say{Kind::Hello, from}};
}

void Transfer::note(const IpAddress& from, const Message& message, TimePoint now) {
  std::erase_if(peers_, [&](const Known& known) {
    return known.peer.address == from || known.heard_at + kPeerLimit < now;
  });
  if (peers_.size() == kMostPeers) peers_.erase(peers_.begin());
  peers_.push_back({{from, message.places}, message.priority, message.active, now});
}

const Transfer::Known* Transfer::find(const IpAddress& address, TimePoint now) const {
  const auto found = std::ranges::find_if(peers_, [&](const Known& known) {
    return known.peer.address == address && known.heard_at + kPeerLimit >= now;
  });
  return found == peers_.end() ? nullptr : &*found;
}

const Transfer::Known* Transfer::best(TimePoint now) const {
  const Known* best = nullptr;
  for (const auto& known : peers_) {
    if (known.active || known.priority == kResigning || known.heard_at + kPeerLimit < now) continue;
    if (best == nullptr || known.priority > best->priority) best = &known;
  }
  return best;
}

bool Transfer::knows(const IpAddress& peer, TimePoint now) const {
  return find(peer, now) != nullptr;
}

std::optional<IpAddress> Transfer::successor(TimePoint now) const {
  const auto* const peer = best(now);
  if (peer == nullptr) return std::nullopt;
  return peer->peer.address;
}

// The giver

bool Transfer::begin(std::uint64_t transfer, const Self& self, TimePoint now, Steps& steps,
                     const std::optional<IpAddress>& wanted) {
  const auto* const known = wanted ? find(*wanted, now) : nullptr;
  const bool could = known != nullptr && !known->active && known->priority != kResigning;
  const auto* const taker = could ? known : best(now);
  if (!self.active || move_) return false;
  if (taker == nullptr) {
    count_given(MoveEnd::NoPeer);
    return false;
  }
  move_ = Move{.giving = true,
               .id = transfer,
               .peer = taker->peer,
               .until = now + kOfferLimit,
               .repeat_at = now + kRepeat};
  divert(taker->peer, steps);
  steps.push_back(Say{Kind::Offer, taker->peer.address, transfer});
  return true;
}

Steps Transfer::on_ready(const Message& message, TimePoint now) {
  if (!moving() || move_->going || message.transfer != move_->id) return {};
  move_->going = true;
  move_->until = now + kGoLimit;
  move_->repeat_at = now + kRepeat;
  return {AwaitSuccessor{}, Say{Kind::Go, move_->peer.address, move_->id}};
}

Steps Transfer::on_advertisement(const IpAddress& from, const Self& self, TimePoint now) {
  if (!moving() || !move_->going || move_->peer.address != from || !self.active) return {};
  count_given(MoveEnd::Done);
  move_.reset();
  given_by_.reset();
  holding_ = true;
  held_since_ = now;
  hold_until_ = now + drain_;
  diversion_until_ = TimePoint::max();
  hello_at_ = now;
  active_router_ = from;
  return {Withdraw{}};
}

Steps Transfer::on_diversion_refused() {
  Steps steps;
  if (moving()) count_given(MoveEnd::NoTable);
  if (move_ && !move_->giving) {
    count_taken(MoveEnd::NoTable);
    steps.push_back(Say{Kind::Refuse, move_->peer.address, move_->id});
  }
  move_.reset();
  end_diversion(steps);  // one to another peer may stand
  return steps;
}

Steps Transfer::give_up(MoveEnd why) {
  count_given(why);
  Steps steps{GiveUp{move_->going}};
  move_.reset();
  // As it was before; but a holder of an earlier move is still served through it.
  if (diversion_until_ == TimePoint::max()) end_diversion(steps);
  return steps;
}

Steps Transfer::on_connections(std::size_t count, TimePoint now) {
  connections_ = count;
  if (!holding_ || count > 0 || now < held_since_ + kShortestHold) return {};
  return end_hold();
}

Steps Transfer::end_hold() {
  Steps steps;
  if (diverted_to_) steps.push_back(Say{Kind::Done, diverted_to_->address});
  holding_ = false;
  hold_until_ = TimePoint::max();
  steps.push_back(LetGo{});
  // A taker that is ready for a move back to us goes on diverting.
  if (!move_) end_diversion(steps);
  return steps;
}

Steps Transfer::abandon() {
  if (!holding_) return {};
  return end_hold();
}

// The taker

Steps Transfer::on_offer(const IpAddress& from, const Message& message, const Self& self,
                         TimePoint now) {
  const bool again = move_ && !move_->giving && move_->id == message.transfer;
  if (self.active || !self.fit || (move_ && !again)) {
    count_taken(MoveEnd::Refused);
    return {Say{Kind::Refuse, from, message.transfer}};
  }
  Steps steps;
  const Peer giver{from, message.places};
  move_ = Move{.giving = false,
               .id = message.transfer,
               .peer = giver,
               .until = now + kReadyLimit,
               .repeat_at = TimePoint::max()};
  divert(giver, steps);
  steps.push_back(Say{Kind::Ready, from, message.transfer});
  return steps;
}

Steps Transfer::on_go(const Message& message, const Self& self, TimePoint now) {
  if (self.active && taken_ == message.transfer) return {Speak{}};
  if (!move_ || move_->giving || move_->id != message.transfer || self.active || !self.fit)
    return {};
  count_taken(MoveEnd::Done);
  taken_ = move_->id;
  given_by_ = move_->peer.address;
  move_.reset();
  diversion_until_ = now + kPeerLimit;
  Steps steps;
  if (std::exchange(holding_, false)) {
    hold_until_ = TimePoint::max();
    steps.push_back(EndSilence{});
  }
  steps.push_back(TakeOver{});
  return steps;
}

bool Transfer::grants(const IpAddress& from, const Message& request, const Self& self) const {
  if (!self.active || request.priority == kResigning) return false;
  return request.priority > self.priority || given_by_ == from;
}

bool Transfer::request(const IpAddress& active, TimePoint now, Steps& steps) {
  if (!knows(active, now)) return false;
  steps.push_back(Say{Kind::Request, active});
  return true;
}

// Both

void Transfer::divert(const Peer& peer, Steps& steps) {
  if (diverted_to_ == peer) return;
  diverted_to_ = peer;
  diversion_until_ = TimePoint::max();
  steps.push_back(Divert{peer});
}

void Transfer::end_diversion(Steps& steps) {
  diversion_until_ = TimePoint::max();
  if (!diverted_to_) return;
  diverted_to_.reset();
  steps.push_back(EndDiversion{});
}

void Transfer::resume_diversion(const Peer& peer, TimePoint now) {
  diverted_to_ = peer;
  diversion_until_ = now + kPeerLimit;  // who holds says so before
}

Steps Transfer::on_active_alone(TimePoint now) {
  Steps steps;
  given_by_.reset();
  hello_at_ = now;  // whom we have replaced may be there still, and only not be heard
  const bool was_ready = move_ && !move_->giving;
  if (was_ready) {
    count_taken(MoveEnd::Overtaken);
    taken_ = move_->id;
  }
  move_.reset();
  if (std::exchange(holding_, false)) {
    hold_until_ = TimePoint::max();
    steps.push_back(EndSilence{});
  }
  if (was_ready)
    diversion_until_ = now + kPeerLimit;  // a giver that lives says soon that it holds
  else
    end_diversion(steps);
  return steps;
}

Steps Transfer::on_replaced() {
  Steps steps;
  if (moving()) count_given(MoveEnd::Overtaken);
  move_.reset();
  given_by_.reset();
  if (!holding_) end_diversion(steps);
  return steps;
}

void Transfer::contest(bool contested, TimePoint now) {
  if (std::exchange(contested_, contested) != contested && contested) hello_at_ = now;
}

void Transfer::on_fitness(TimePoint now) {
  if (active_router_) hello_at_ = std::min(hello_at_, now);
}

void Transfer::set_active_router(std::optional<IpAddress> address) {
  if (address == active_router_ && hello_at_ != TimePoint::max()) return;
  active_router_ = address;
  hello_at_ = address ? TimePoint::min() : TimePoint::max();
}

Steps Transfer::on_deadline(const Self& self, TimePoint now) {
  if (move_ && now >= move_->until) {
    if (move_->giving) return give_up(move_->going ? MoveEnd::NoAdvertisement : MoveEnd::NoAnswer);
    Steps steps;
    count_taken(MoveEnd::NoAnswer);
    move_.reset();
    if (!holding_) end_diversion(steps);
    return steps;
  }
  if (moving() && now >= move_->repeat_at) {
    move_->repeat_at = now + kRepeat;
    return {Say{move_->going ? Kind::Go : Kind::Offer, move_->peer.address, move_->id}};
  }
  if (holding_ && now >= hold_until_) return end_hold();
  if (now >= diversion_until_) {
    Steps steps;
    if (!move_) end_diversion(steps);
    diversion_until_ = TimePoint::max();
    return steps;
  }
  if (now >= hello_at_) {
    if (!self.active && !active_router_) {
      hello_at_ = TimePoint::max();
      return {};
    }
    hello_at_ = now + kHello;
    if (!self.active) return {Say{Kind::Hello, *active_router_}};
    if (moving()) return {};
    if (contested_) return {Hail{}};
    const auto* const known = active_router_ ? find(*active_router_, now) : nullptr;
    if (known != nullptr && known->active) return {Say{Kind::Hello, *active_router_}};
    hello_at_ = TimePoint::max();  // alone
  }
  return {};
}

TimePoint Transfer::next_deadline() const {
  auto next = std::min({hold_until_, diversion_until_, hello_at_});
  if (move_) next = std::min({next, move_->until, move_->repeat_at});
  return next;
}

}  // namespace vrrp::handover

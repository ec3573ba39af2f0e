// Planned moves of a router: what PlannedMove asks of it, and what it asks of PlannedMove.
#include "vrrpd/daemon/router_task.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr std::string_view kRoleActive = "active";

std::string text_of(const MacAddress& mac) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return text.data();
}

/// `192.168.10.12 02:00:00:00:00:02`
std::optional<handover::Peer> read_peer(const std::string& text) {
  const auto blank = text.find(' ');
  if (blank == text.npos) return std::nullopt;
  const auto address = common::IpAddress::parse(std::string_view{text}.substr(0, blank));
  handover::Peer peer;
  auto& mac = peer.mac;
  const int read = std::sscanf(text.c_str() + blank + 1, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx",
                               &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]);
  if (!address || std::cmp_not_equal(read, mac.size())) return std::nullopt;
  peer.address = *address;
  return peer;
}

}  // namespace

bool RouterTask::can_move() const {
  return options_.priority != kOwner && options_.family() == Family::V4;
}

void RouterTask::talk_to_peers(boost::asio::io_context& context, PeerLink& peers,
                               common::Duration drain) {
  Mover& mover = *this;  // a private base: not to be found from within std::optional
  if (can_move()) move_.emplace(context, mover, peers, options_, lease_, drain);
}

std::string RouterTask::memory_name() const {
  return options_.interface + '-' + std::to_string(options_.vrid.value) +
         (options_.family() == Family::V6 ? "-ipv6" : "");
}

/// An Active Router says to whom it diverts, so that the next run keeps the table.
void RouterTask::remember_role() {
  std::string role;
  if (election_.state() == State::Active) {
    role = kRoleActive;
    const auto& peer = move_ ? move_->transfer().diverted_to() : std::nullopt;
    if (peer) role += ' ' + peer->address.to_string() + ' ' + text_of(peer->mac);
  }
  memory_.remember_role(memory_name(), role);
}

/// An earlier run was killed while Active, and all it needs is still there.
bool RouterTask::was_active_here() const {
  const auto& there = segment_.interface().addresses;
  const auto role = memory_.role(memory_name());
  return options_.priority != kOwner && usable() && role && role->starts_with(kRoleActive) &&
         std::ranges::all_of(options_.addresses, [&](const common::PrefixedAddress& own) {
           return std::ranges::any_of(there, [&](const auto& one) { return one.ip == own.ip; });
         });
}

std::optional<handover::Peer> RouterTask::diverted_by_last_run() const {
  const auto role = memory_.role(memory_name());
  if (!role || role->size() <= kRoleActive.size()) return std::nullopt;
  return read_peer(role->substr(kRoleActive.size() + 1));
}

// What the operator and this node's state ask for

common::Result<void, std::string> RouterTask::hand_over() {
  if (options_.priority == kOwner)
    return std::string{"owns its addresses and gives them to nobody"};
  if (election_.state() != State::Active)
    return std::string{"is not Active here; ask the node that is"};
  leave(Errand::Operator);
  return {};
}

/// The planned way where a peer speaks it, and as the RFC knows it where none does.
void RouterTask::leave(Errand why) {
  errand_ = why;
  if (move_ && move_->begin()) return;
  leave_plainly();
}

void RouterTask::leave_plainly() {
  const auto now = Clock::now();
  switch (std::exchange(errand_, Errand::None)) {
    case Errand::None:
    case Errand::Asked:
      return;
    case Errand::Operator:
      return perform(election_.give_away(now), State::Active, "the operator's word");
    case Errand::Unfit:
      return perform(election_.on_priority(wanted_priority(), now), State::Active, "not fit");
    case Errand::Stop:
      perform(election_.stop(now), State::Active, "stop");
      return tell_if_gone();
  }
}

// What PlannedMove asks for

handover::Self RouterTask::self() const {
  return {.active = election_.state() == State::Active,
          .fit = election_.fit() && usable() && !on_gone_,
          .priority = election_.priority()};
}

void RouterTask::hear_first() { segment_.drain(); }

void RouterTask::await_successor() {
  election_.await_successor();
  arm_timer();
}

void RouterTask::withdraw() {
  election_.withdraw(Clock::now());
  errand_ = Errand::None;
  arm_timer();
  report_transition(State::Active, "handed over");
  reconsider_priority("handed over");
}

void RouterTask::take_over() {
  const auto before = election_.state();
  planned_ = true;
  perform(election_.take_over(Clock::now()), before, "a peer hands over");
  planned_ = false;
}

void RouterTask::speak() {
  perform(election_.speak(), election_.state(), "the giver has not heard us");
}

void RouterTask::let_go() {
  runner_.run({election::ReleaseAddresses{}});
  tell_if_gone();
}

void RouterTask::give_up(bool awaited) {
  if (awaited) perform(election_.resume(Clock::now()), State::Active, "no successor spoke");
  leave_plainly();
}

void RouterTask::asked() {
  if (errand_ == Errand::None && !on_gone_) leave(Errand::Asked);
}

void RouterTask::changed() {
  if (election_.state() == State::Active) remember_role();
}

/// Before what the election decided is carried out: silence must end before the addresses are
/// announced.
void RouterTask::tell_move(State before) {
  if (!move_ || planned_) return;
  const bool active = election_.state() == State::Active;
  if (active && before != State::Active) move_->on_active_alone();
  if (!active && before == State::Active) move_->on_replaced();
}

}  // namespace vrrp::daemon

// Planned moves of a router: what PlannedMove asks of it, and what it asks of PlannedMove.
#include "vrrpd/daemon/router_task.hpp"
#include "vrrpd/packet/mac_address.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>
#include <utility>

namespace vrrp::daemon {

using common::Clock;
using election::State;

namespace {

constexpr std::string_view kRoleActive = "active";

constexpr char kBetweenPlaces = ' ';
constexpr char kWithinPlace = ',';

std::vector<std::string> parts_of(const std::string& text, char between) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, between);) parts.push_back(part);
  return parts;
}

/// `51,4,02:00:00:00:00:02,192.168.10.12`
std::string text_of(const handover::Place& place) {
  return fmt::format("{},{},{},{}", place.vrid.value, place.family == Family::V6 ? 6 : 4,
                     to_string(place.mac), place.address.to_string());
}

std::optional<handover::Place> read_place(const std::string& text) {
  const auto parts = parts_of(text, kWithinPlace);
  if (parts.size() != 4) return std::nullopt;
  handover::Place place;
  const auto [end, error] =
      std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), place.vrid.value);
  const auto mac = parse_mac(parts[2]);
  const auto address = common::IpAddress::parse(parts[3]);
  if (error != std::errc{} || !mac || !address) return std::nullopt;
  place.family = parts[1] == "6" ? Family::V6 : Family::V4;
  place.mac = *mac;
  place.address = *address;
  return place;
}

/// `192.168.10.12 51,4,02:00:00:00:00:02,192.168.10.12 52,4,…`
std::string text_of(const handover::Peer& peer) {
  auto text = peer.address.to_string();
  for (const auto& place : peer.places) text += kBetweenPlaces + text_of(place);
  return text;
}

std::optional<handover::Peer> read_peer(const std::string& text) {
  const auto parts = parts_of(text, kBetweenPlaces);
  if (parts.size() < 2 || parts.size() > handover::kMostPlaces + 1) return std::nullopt;
  const auto address = common::IpAddress::parse(parts[0]);
  if (!address) return std::nullopt;
  handover::Peer peer{.address = *address, .places = {}};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto place = read_place(parts[i]);
    if (!place) return std::nullopt;
    peer.places.push_back(*place);
  }
  return peer;
}

}  // namespace

bool RouterTask::can_move() const { return options().priority != kOwner; }

void RouterTask::talk_to_peers(boost::asio::io_context& context, PeerLink& peers, LbdWord& lbd,
                               common::Duration drain) {
  Mover& mover = *this;  // a private base: not to be found from within std::optional
  if (can_move()) move_.emplace(context, mover, peers, lbd, members_, drain);
}

std::string RouterTask::memory_name() const {
  return options().interface + '-' + std::to_string(options().vrid.value) +
         (options().family() == Family::V6 ? "-ipv6" : "");
}

/// An Active Router says to whom it diverts, so that the next run keeps the table.
void RouterTask::remember_role() {
  std::string role;
  if (election_.state() == State::Active) {
    role = kRoleActive;
    const auto& peer = move_ ? move_->transfer().diverted_to() : std::nullopt;
    if (peer) role += ' ' + text_of(*peer);
  }
  memory_.remember_role(memory_name(), role);
}

/// An earlier run was killed while Active, and all it needs is still there.
bool RouterTask::was_active_here() const {
  const auto role = memory_.role(memory_name());
  return options().priority != kOwner && usable() && role && role->starts_with(kRoleActive) &&
         std::ranges::all_of(members_,
                             [](const auto& member) { return member->has_all_addresses(); });
}

std::optional<handover::Peer> RouterTask::diverted_by_last_run() const {
  const auto role = memory_.role(memory_name());
  if (!role || role->size() <= kRoleActive.size()) return std::nullopt;
  return read_peer(role->substr(kRoleActive.size() + 1));
}

// What the operator and this node's state ask for

common::Result<void, std::string> RouterTask::hand_over() {
  if (options().priority == kOwner)
    return std::string{"owns its addresses and gives them to nobody"};
  if (election_.state() != State::Active)
    return std::string{"is not Active here; ask the node that is"};
  leave(Errand::Operator);
  return {};
}

common::Result<void, std::string> RouterTask::take_back() {
  if (election_.state() == State::Active) return std::string{"is Active here"};
  if (!election_.fit() || on_gone_) return std::string{"is not fit to be Active here"};
  const auto& active = leader().last_peer();
  if (!move_ || !active || !move_->can_ask(active->address))
    return std::string{"knows no Active Router that shares a secret with this node"};
  move_->request(active->address);
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
      return;
    case Errand::Asked:
      break;
    case Errand::Operator:
      perform(election_.give_away(now), State::Active, "the operator's word");
      break;
    case Errand::Unfit:
      return perform(election_.on_priority(wanted_priority(), now), State::Active, "not fit");
    case Errand::Stop:
      perform(election_.stop(now), State::Active, "stop");
      return tell_if_gone();
  }
  // What was passed over while a move was under way.
  const auto before = election_.state();
  if (const auto priority = wanted_priority(); priority != election_.priority())
    perform(election_.on_priority(priority, now), before, "not as before the move");
}

// What PlannedMove asks for

handover::Self RouterTask::self() const {
  return {.active = election_.state() == State::Active,
          .fit = election_.fit() && usable() && !on_gone_,
          .priority = election_.priority(),
          .address = leader().segment().primary(options().family()).value_or(common::IpAddress{})};
}

void RouterTask::hear_first() {
  for (auto& member : members_) member->segment().drain();
}

/// What was said to the router as it was until now is judged as that.
void RouterTask::hear_what_waits() {
  if (only_waits()) hear_first();
}

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
  run({election::ReleaseAddresses{}});
  tell_if_gone();
}

void RouterTask::give_up(bool awaited) {
  if (awaited) perform(election_.resume(Clock::now()), State::Active, "no successor spoke");
  leave_plainly();
}

void RouterTask::asked() {
  if (errand_ == Errand::None && !on_gone_) leave(Errand::Asked);
}

void RouterTask::restore_rules(const link::GoneTables& gone) {
  if (!started_ || gone_from_kernel()) return;
  const bool speaks = election_.state() == State::Active || election_.holding();
  for (auto& member : members_) member->restore_rules(gone, speaks);
}

void RouterTask::restore_move(const link::GoneTables& gone) {
  if (move_ && !gone_from_kernel()) move_->restore_rules(gone);
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

#include "vrrpd/daemon/segment.hpp"

#include "common/contract.hpp"
#include "vrrpd/daemon/member.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.segment"};

/// From a packet's arrival until it is read, at rest.
constexpr auto kWaited = std::chrono::milliseconds{1};

bool is_link_local(const common::IpAddress& address) {
  return common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(address);
}

}  // namespace

Segment::Segment(boost::asio::io_context& context, link::Netlink& netlink, DescriptorStore& store,
                 Journal& journal, std::string name)
    : name_{std::move(name)},
      netlink_{netlink},
      store_{store},
      journal_{journal},
      ipv4_{context, *this, Family::V4},
      ipv6_{context, *this, Family::V6},
      leases4_{name_, Family::V4},
      leases6_{name_, Family::V6} {}

common::Result<void> Segment::look() {
  auto seen = link::read_interface(netlink_, name_);
  if (!seen) return seen.error();
  const bool other =
      seen->index != interface_.index;  // gone, come, or made anew under its old name
  interface_ = std::move(*seen);
  for (const auto family : kFamilies) choose_primary(family);
  if (other) close_sockets();
  sockets_of_ = interface_.index;
  common::Result<void> opened;
  if (interface_.index != 0) opened = open_sockets();
  for (auto* router : routers_) router->on_interface();
  flush_leases();  // it may have come late, or be made anew
  return opened;
}

void Segment::leave(const Member& router) {
  hear_at_once(router);
  std::erase(routers_, &router);
}

void Segment::flush_leases() {
  for (const auto family : kFamilies) {
    auto& table = leases(family);
    const auto before = table.refusal();
    table.flush(interface_.index);
    if (table.refusal() && table.refusal() != before)
      kLog.warn("no lease: killed, this node would go on answering for its addresses",
                {{"interface", name_}, {"reason", *table.refusal()}});
  }
}

void Segment::note(const link::GoneTables& gone) {
  for (const auto family : kFamilies) leases(family).note(gone);
}

common::Result<void> Segment::open_sockets() {
  if (!frame_) {
    auto frame = link::FrameSocket::open(interface_.index);
    if (!frame) return frame.error();
    frame_ = std::move(*frame);
  }
  for (const auto* router : routers_)
    if (const auto opened = open_door(router->options().family()); !opened) return opened;
  return {};
}

common::Result<void> Segment::open_door(Family family) {
  auto& opening = door(family);
  if (opening.socket) return {};
  if (const auto opened = open_socket(family); !opened) return opened;
  opening.waiter.watch(opening.socket->descriptor().number());
  auto claims = link::ClaimSocket::open(interface_.index, family);
  if (!claims) return claims.error();
  opening.claims = std::move(*claims);
  opening.claims_waiter.watch(opening.claims->descriptor());
  return {};
}

/// That of an earlier run when there is one: it is in the group still, and has what was said since.
common::Result<void> Segment::open_socket(Family family) {
  auto& opening = door(family);
  if (auto kept = store_.take(kept_name(family))) {
    auto adopted = link::VrrpSocket::adopt(std::move(*kept), name_, interface_.index, family);
    opening.kept = adopted.has_value();
    if (adopted) {
      opening.socket = std::move(*adopted);
      return {};
    }
  }
  auto socket = link::VrrpSocket::open(name_, interface_.index, family);
  if (!socket) return socket.error();
  opening.socket = std::move(*socket);
  store_.keep(kept_name(family), opening.socket->descriptor());
  return {};
}

/// By the index: an interface that was made anew is another one, and a name may hold what systemd
/// does not take.
std::string Segment::kept_name(Family family) const {
  return (family == Family::V6 ? "ipv6-" : "ipv4-") + std::to_string(sockets_of_);
}

void Segment::close_sockets() {
  for (const auto family : kFamilies) {
    if (door(family).socket) store_.forget(kept_name(family));
    door(family).waiter.forget();
    door(family).usual.clear();
    door(family).bell_waiter.forget();
    door(family).bell.reset();
    door(family).bell_refused = false;
    door(family).socket.reset();
    door(family).kept = false;
    door(family).claims_waiter.forget();
    door(family).claims.reset();
  }
  frame_.reset();
}

bool Segment::usable() const {
  return std::ranges::all_of(
      routers_, [this](const auto* router) { return usable(router->options().family()); });
}

void Segment::close() { close_sockets(); }

void Segment::choose_primary(Family family) {
  auto& primary = door(family).primary;
  primary.reset();
  const auto is_virtual = [this](const common::IpAddress& address) {
    return std::ranges::any_of(routers_,
                               [&](const Member* router) { return router->has_address(address); });
  };
  // An address owner may have no other address than the virtual one.
  const bool owner = std::ranges::any_of(
      routers_, [](const Member* router) { return router->options().priority == kOwner; });
  for (const auto& address : interface_.addresses) {
    if (packet::family_of(address.ip) != family) continue;
    if (family == Family::V6 && !is_link_local(address.ip)) continue;
    if (!is_virtual(address.ip)) {
      primary = address.ip;
      return;
    }
    if (owner && !primary) primary = address.ip;
  }
}

void Segment::drain() {
  for (const auto family : kFamilies) drain(door(family));
}

void Segment::drain(Door& door) {
  for (int i = 0; door.socket && i < kMostPacketsATurn; ++i) {
    const auto received = next(door);
    if (!received) return;
    if (door.primary) take(*received, *door.primary);
  }
}

/// Of the socket that is readable. Mostly one packet has just come, and the question for another
/// would cost as much as it did; the waiter tells of those. When this one had to wait there are
/// more, and once only the bell is waited for nobody tells.
void Segment::hear(Door& door) {
  const auto received = next(door);
  if (!received) return;
  if (door.primary) take(*received, *door.primary);
  if (door.bell || common::Clock::now() - received->arrived_at > kWaited) drain(door);
}

void Segment::on_bell(Door& door) {
  bool news = false;
  // What is left of them rings again.
  for (int i = 0; i < kMostPacketsATurn; ++i) {
    const auto rang = door.bell->next();
    if (!rang) break;
    news = news || is_news(door, *rang);
  }
  drain(door);
  if (!news) return;
  // The kernel may have rung before it put the message where it is read: what comes there from now
  // on is waited for.
  door.usual.clear();
  listen(door);
}

/// About a router here, and not one of the usual messages that ring by chance.
bool Segment::is_news(const Door& door, const link::MessageStart& rang) const {
  return router_of({rang[1]}, door.family) != nullptr && !door.usual.has(rang);
}

void Segment::hear_at_once(const Member& router) {
  auto& here = door(router.options().family());
  if (here.usual.forget(router.options().vrid)) listen(here);
}

void Segment::note_usual(Door& door, const link::MessageStart& start) {
  const auto ours = std::ranges::count(
      routers_, door.family, [](const Member* router) { return router->options().family(); });
  if (std::cmp_greater(ours, link::Bell::kMostUsual)) return;  // some would ring all the time
  if (door.usual.note({start[1]}, start)) return listen(door);
  // What was on its way when the bell was hung has come by now.
  if (door.bell) door.waiter.forget();
}

/// With the socket itself; as soon as something is usual, with a bell that rings for the rest.
void Segment::listen(Door& door) {
  const auto usual = door.usual.starts();
  if (!usual.empty() && ring_for_all_but(door, usual)) return;
  door.bell_waiter.forget();
  door.bell.reset();
  if (door.socket && !door.waiter.watching()) door.waiter.watch(door.socket->descriptor().number());
}

bool Segment::ring_for_all_but(Door& door, const Usual::Starts& usual) {
  if (door.bell_refused) return false;
  if (!door.bell) {
    auto bell = link::Bell::open(name_, door.family);
    door.bell_refused = !bell;
    if (!bell) return false;
    door.bell = std::move(*bell);
    door.bell_waiter.watch(door.bell->descriptor().number());
  }
  door.bell_refused = !door.bell->ring_for_all_but(usual);
  return !door.bell_refused;
}

/// Nothing when the socket is empty.
std::optional<link::Received> Segment::next(Door& door) {
  while (true) {
    const auto received = door.socket->receive();
    if (received) return *received;
    const auto error = received.error();
    if (error == boost::system::errc::interrupted) continue;
    // ENETDOWN is told once for a link that went down; the link monitor says the rest.
    if (error != boost::system::errc::operation_would_block)
      kLog.debug("cannot receive", {{"interface", name_}, {"reason", error.message()}});
    return std::nullopt;
  }
}

void Segment::drain_claims(Door& door) {
  for (int i = 0; door.claims && i < kMostPacketsATurn; ++i) {
    const auto frame = door.claims->receive();
    if (!frame) return;
    const auto claim = packet::neighbor_claim(*frame);
    if (!claim || claim->mac == interface_.mac) continue;
    for (auto* router : routers_)
      if (router->has_address(claim->address) && !router->is_ours(claim->mac))
        router->on_rival_claim(*claim);
  }
}

/// The Virtual Router that a datagram says it is of; null when there is none here.
Member* Segment::router_of(const packet::Datagram& datagram) const {
  if (datagram.message.size() < 2) return nullptr;
  return router_of({datagram.message[1]}, packet::family_of(datagram.source));
}

Member* Segment::router_of(Vrid vrid, Family family) const {
  const auto found = std::ranges::find_if(routers_, [&](const Member* router) {
    return router->options().vrid == vrid && router->options().family() == family;
  });
  return found == routers_.end() ? nullptr : *found;
}

void Segment::take(const link::Received& received, const common::IpAddress& own) {
  const auto& datagram = received.datagram;
  auto* const meant = router_of(datagram);
  const auto listener = meant == nullptr ? packet::Listener{} : meant->listener();
  const auto checked = packet::check(datagram, {&listener, meant == nullptr ? 0U : 1U}, own);
  if (!checked) return refused(checked.error(), datagram);
  common::expects(meant != nullptr, "what is meant for nobody here is refused");
  if (const auto refusal = meant->authenticate(datagram)) return refused(*refusal, datagram);
  // Before it is handed on: whoever drains meanwhile has its octets overwritten.
  link::MessageStart start{};
  std::ranges::copy(datagram.message.first<start.size()>(), start.begin());
  meant->on_advertisement(*checked, datagram.source, received.arrived_at);
  if (meant->only_waits()) note_usual(door(meant->options().family()), start);
}

void Segment::refused(packet::Refusal refusal, const packet::Datagram& datagram) {
  ++counters_.discarded[static_cast<std::size_t>(refusal)];
  if (refusal == packet::Refusal::Vrid) return;  // other groups on this LAN are no fault
  if (!refusal_limit_.admits(common::Clock::now())) return;
  kLog.warn("advertisement refused", {{"interface", name_},
                                      {"reason", packet::name(refusal)},
                                      {"source", datagram.source.to_string()},
                                      {"not_logged", refusal_limit_.suppressed()}});
}

common::Result<void> Segment::send_advertisement(common::Octets message,
                                                 const common::IpAddress& destination) {
  auto& leaving = door(packet::family_of(destination));
  if (!leaving.socket || !leaving.primary)
    return {boost::system::errc::make_error_code(boost::system::errc::network_down)};
  return leaving.socket->send(message, *leaving.primary, destination);
}

common::Result<void> Segment::send_frame(common::Octets frame) {
  if (!frame_) return {boost::system::errc::make_error_code(boost::system::errc::network_down)};
  return frame_->send(frame);
}

}  // namespace vrrp::daemon

#include "vrrpd/daemon/segment.hpp"

#include "vrrpd/daemon/router_task.hpp"

#include <algorithm>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.segment"};

}  // namespace

Segment::Segment(boost::asio::io_context& context, link::Netlink& netlink, std::string name)
    : name_{std::move(name)}, netlink_{netlink}, waiter_{context, [this] { drain(); }} {}

common::Result<void> Segment::look() {
  auto seen = link::read_interface(netlink_, name_);
  if (!seen) return seen.error();
  const bool other =
      seen->index != interface_.index;  // gone, come, or made anew under its old name
  interface_ = std::move(*seen);
  choose_primary();
  if (other) close_sockets();
  common::Result<void> opened;
  if (!sockets_ && interface_.index != 0) opened = open_sockets();
  for (auto* router : routers_) router->on_interface();
  return opened;
}

common::Result<void> Segment::open_sockets() {
  auto vrrp = link::VrrpSocket::open(name_, interface_.index);
  if (!vrrp) return vrrp.error();
  auto frame = link::FrameSocket::open(interface_.index);
  if (!frame) return frame.error();
  sockets_.emplace(std::move(*vrrp), std::move(*frame));
  waiter_.watch(sockets_->vrrp.descriptor());
  return {};
}

void Segment::close_sockets() {
  waiter_.forget();
  sockets_.reset();
}

void Segment::close() { close_sockets(); }

void Segment::choose_primary() {
  primary_.reset();
  const auto is_virtual = [this](const common::PrefixedAddress& address) {
    return std::ranges::any_of(
        routers_, [&](const RouterTask* router) { return router->has_address(address.ip); });
  };
  // An address owner may have no other address than the virtual one.
  const auto& addresses = interface_.addresses;
  auto chosen = std::ranges::find_if_not(addresses, is_virtual);
  const bool owner = std::ranges::any_of(
      routers_, [](const RouterTask* router) { return router->options().priority == kOwner; });
  if (chosen == addresses.end() && owner) chosen = addresses.begin();
  if (chosen != addresses.end()) primary_ = chosen->ip;
}

void Segment::drain() {
  for (int i = 0; sockets_ && i < kMostPacketsATurn; ++i) {
    const auto received = sockets_->vrrp.receive();
    if (received) {
      take(*received);
      continue;
    }
    const auto error = received.error();
    if (error == boost::system::errc::interrupted) continue;
    // ENETDOWN is told once for a link that went down; the link monitor says the rest.
    if (error != boost::system::errc::operation_would_block)
      kLog.debug("cannot receive", {{"interface", name_}, {"reason", error.message()}});
    return;
  }
}

void Segment::take(const link::Received& received) {
  if (!primary_) return;
  std::vector<Vrid> configured;
  configured.reserve(routers_.size());
  for (const auto* router : routers_) configured.push_back(router->options().vrid);
  const auto checked = packet::check(received.datagram, configured, *primary_);
  if (!checked) return refused(checked.error(), received.datagram);
  for (auto* router : routers_)
    if (router->options().vrid == checked->vrid)
      router->on_advertisement(*checked, received.datagram.source, received.arrived_at);
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

common::Result<void> Segment::send_advertisement(common::Octets message) {
  if (!sockets_ || !primary_)
    return {boost::system::errc::make_error_code(boost::system::errc::network_down)};
  return sockets_->vrrp.send(message, *primary_);
}

common::Result<void> Segment::send_frame(common::Octets frame) {
  if (!sockets_) return {boost::system::errc::make_error_code(boost::system::errc::network_down)};
  return sockets_->frame.send(frame);
}

}  // namespace vrrp::daemon

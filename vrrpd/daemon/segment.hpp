#pragma once

#include "common/log.hpp"
#include "vrrpd/daemon/counters.hpp"
#include "vrrpd/daemon/descriptor_store.hpp"
#include "vrrpd/daemon/journal.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/daemon/read_waiter.hpp"
#include "vrrpd/daemon/usual.hpp"
#include "vrrpd/link/bell.hpp"
#include "vrrpd/link/claim_socket.hpp"
#include "vrrpd/link/frame_socket.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/lease.hpp"
#include "vrrpd/link/vrrp_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace vrrp::daemon {

class Member;

/// One interface and the LAN behind it: its sockets, its receive checks, and the Virtual Routers
/// that live on it.
class Segment {
 public:
  /// Packets read before the event loop gets its turn again; more than the socket's buffer holds of
  /// the smallest.
  static constexpr int kMostPacketsATurn = 1024;

  Segment(boost::asio::io_context& context, link::Netlink& netlink, DescriptorStore& store,
          Journal& journal, std::string name);

  void join(Member& router) { routers_.push_back(&router); }
  void leave(const Member& router);
  bool empty() const { return routers_.empty(); }
  /// Looks at the interface as it is now, opens or closes what that demands, and tells the routers.
  /// An error when the kernel refuses; the segment is then not usable until a later look succeeds.
  common::Result<void> look();
  /// Hands every advertisement that has arrived to its router.
  void drain();
  /// Everything that is said to this router from now on is heard at once. Otherwise what its
  /// Active Router says again and again waits until a deadline has it heard by `drain`, or until
  /// anything else is said.
  void hear_at_once(const Member& router);
  /// Whether its socket heard whatever was said since an earlier run died. After a `drain`, and
  /// until `begin`.
  bool heard_all(Family family) const {
    return door(family).kept && door(family).socket->missed_nothing();
  }
  /// All that an earlier run left has been judged.
  void begin() { ipv4_.kept = ipv6_.kept = false; }
  void close();

  /// Up, with a primary address of that family, sockets open.
  bool usable(Family family) const {
    return frame_.has_value() && interface_.running && primary(family).has_value();
  }
  /// For every router here.
  bool usable() const;
  Journal& journal() { return journal_; }
  const std::string& name() const { return name_; }
  const link::Interface& interface() const { return interface_; }
  /// The address advertisements are sent from (RFC 9568 §1.7, "Primary IP Address"): the first that
  /// is not virtual; of IPv6 the first link-local one.
  const std::optional<common::IpAddress>& primary(Family family) const {
    return door(family).primary;
  }
  link::LeaseTable& leases(Family family) { return family == Family::V6 ? leases6_ : leases4_; }
  const link::LeaseTable& leases(Family family) const {
    return family == Family::V6 ? leases6_ : leases4_;
  }
  /// What has changed of them into the kernel; what it refuses is told.
  void flush_leases();
  /// Somebody has deleted these tables; what of the leases is among them is to be put back.
  void note(const link::GoneTables& gone);
  const SegmentCounters& counters() const { return counters_; }

  /// From the primary address of the destination's family.
  common::Result<void> send_advertisement(common::Octets message,
                                          const common::IpAddress& destination);
  common::Result<void> send_frame(common::Octets frame);

 private:
  /// What is kept for each family.
  struct Door {
    Door(boost::asio::io_context& context, Segment& segment, Family of)
        : family{of},
          waiter{context, [this, &segment] { segment.hear(*this); }},
          bell_waiter{context, [this, &segment] { segment.on_bell(*this); }},
          claims_waiter{context, [this, &segment] { segment.drain_claims(*this); }} {}
    const Family family;
    std::optional<link::VrrpSocket> socket;  // while a router of the family lives here
    bool kept{false};                        // and it is that of an earlier run
    std::optional<common::IpAddress> primary;
    ReadWaiter waiter;  // not when there is a bell
    Usual usual;
    std::optional<link::Bell> bell;  // while something is usual
    ReadWaiter bell_waiter;
    bool bell_refused{false};                 // by the kernel; not asked again for these sockets
    std::optional<link::ClaimSocket> claims;  // as the socket
    ReadWaiter claims_waiter;
  };
  static constexpr std::array kFamilies{Family::V4, Family::V6};

  Door& door(Family family) { return family == Family::V6 ? ipv6_ : ipv4_; }
  const Door& door(Family family) const { return family == Family::V6 ? ipv6_ : ipv4_; }
  common::Result<void> open_sockets();
  common::Result<void> open_door(Family family);
  common::Result<void> open_socket(Family family);
  std::string kept_name(Family family) const;
  void close_sockets();
  void choose_primary(Family family);
  void drain(Door& door);
  void hear(Door& door);
  void on_bell(Door& door);
  bool is_news(const Door& door, const link::MessageStart& rang) const;
  void note_usual(Door& door, const link::MessageStart& start);
  void listen(Door& door);
  bool ring_for_all_but(Door& door, const Usual::Starts& usual);
  std::optional<link::Received> next(Door& door);
  Member* router_of(const packet::Datagram& datagram) const;
  Member* router_of(Vrid vrid, Family family) const;
  void take(const link::Received& received, const common::IpAddress& own);
  void drain_claims(Door& door);
  void refused(packet::Refusal refusal, const packet::Datagram& datagram);

  std::string name_;
  link::Netlink& netlink_;
  DescriptorStore& store_;
  Journal& journal_;
  link::Interface interface_;
  int sockets_of_{0};  // the index of the interface that they are open on
  std::optional<link::FrameSocket> frame_;
  Door ipv4_;
  Door ipv6_;
  link::LeaseTable leases4_;
  link::LeaseTable leases6_;
  std::vector<Member*> routers_;
  SegmentCounters counters_;
  LogLimit refusal_limit_;
};

}  // namespace vrrp::daemon

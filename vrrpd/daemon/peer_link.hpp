#pragma once

#include "common/log.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/daemon/read_waiter.hpp"
#include "vrrpd/daemon/segment.hpp"
#include "vrrpd/handover/handover_options.hpp"
#include "vrrpd/handover/message.hpp"
#include "vrrpd/handover/sessions.hpp"
#include "vrrpd/link/peer_socket.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace vrrp::daemon {

/// The word between the vrrpd of one LAN, over IPv4 or over IPv6: authenticated, fresh, to the
/// router it is about. The segment outlives it.
class PeerLink {
 public:
  static constexpr int kMostMessagesATurn = 256;
  static constexpr auto kReplyDistance = std::chrono::milliseconds{2};  // to what is not fresh

  using OnMessage =
      std::function<void(const common::IpAddress& from, const handover::Message& message)>;

  PeerLink(boost::asio::io_context& context, Segment& segment, Family family,
           const handover::HandoverOptions& options);

  /// Of the router with that number and our family.
  void join(Vrid vrid, OnMessage on_message) { members_[vrid] = std::move(on_message); }
  void leave(Vrid vrid) { members_.erase(vrid); }
  /// Opens what the interface, as it is now, demands.
  void look();
  void close();
  /// Stamps, signs and sends.
  void say(const common::IpAddress& to, handover::Message message);

  const Segment& segment() const { return segment_; }
  Family family() const { return family_; }
  std::uint64_t refused(handover::BadMessage bad) const {
    return refused_[static_cast<std::size_t>(bad)];
  }

 private:
  void drain();
  void take(const link::PeerSocket::Received& received);
  void send(const common::IpAddress& to, const handover::Message& message);

  Segment& segment_;
  Family family_;
  const handover::HandoverOptions& options_;
  std::optional<link::PeerSocket> socket_;
  int opened_for_{0};  // the interface's index
  ReadWaiter waiter_;
  handover::Sessions sessions_;
  std::map<Vrid, OnMessage> members_;
  std::array<std::uint64_t, 4> refused_{};
  common::TimePoint next_reply_{};
  LogLimit limit_;
};

}  // namespace vrrp::daemon

#pragma once

#include "vrrpd/daemon/peer_link.hpp"
#include "vrrpd/daemon/router_task.hpp"
#include "vrrpd/daemon/segment.hpp"
#include "vrrpd/link/netlink.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vrrp::daemon {

/// All Virtual Routers of this host, and the interfaces they live on.
class RouterSet {
 public:
  RouterSet(boost::asio::io_context& context, link::Netlink& netlink, DescriptorStore& store,
            Memory& memory, Journal& journal, programs::Runner* programs,
            const handover::HandoverOptions& handover);
  /// Before that no router that starts becomes Active by itself.
  void not_before(common::TimePoint time) { not_before_ = time; }

  /// Makes the routers what `wanted` says: those that are the same go on untouched, changed ones
  /// are changed in place, new ones start, and those that are not wanted any more resign and keep
  /// their addresses until a successor has spoken. A group that gets or loses a member is another
  /// group. All or nothing: the sentence says why nothing.
  std::optional<std::string> apply(const std::vector<RouterOptions>& wanted);
  /// Something about the host's interfaces has changed.
  void look();
  /// Somebody has deleted these tables of nftables: ours are put back.
  void restore_rules(const link::GoneTables& gone);
  /// As RouterTask; `on_gone` when the last has let go.
  void stop(std::function<void()> on_gone);
  void abort();
  /// The run after this one is to go on where we are: every Active Router speaks once more, and the
  /// process may end. The sentence when one is in the midst of a move.
  common::Result<void, std::string> make_way();
  /// Of all routers, those that a reload brings included.
  void set_maintenance(bool on);

  /// Those that leave included.
  const std::vector<std::unique_ptr<RouterTask>>& routers() const { return routers_; }
  const std::vector<std::unique_ptr<Segment>>& segments() const { return segments_; }

 private:
  using Routers = std::vector<std::unique_ptr<RouterTask>>;
  using Changes = std::vector<std::pair<RouterTask*, const RouterGroup*>>;

  Segment& segment_of(const std::string& interface);
  PeerLink& peers_on(Segment& segment, Family family);
  std::unique_ptr<RouterTask> make(const RouterGroup& group);
  Changes changes(const std::vector<RouterGroup>& wanted) const;
  void leave(RouterTask& router);
  void on_gone(const RouterTask* router);
  bool must_wait(const RouterGroup& group, const std::vector<RouterGroup>& wanted) const;
  /// Those that had to wait, when the last that leaves has gone.
  void start_waiting();
  void drop_empty_segments();
  void flush_leases();

  boost::asio::io_context& context_;
  link::Netlink& netlink_;
  DescriptorStore& store_;
  Memory& memory_;
  Journal& journal_;
  programs::Runner* programs_;
  const handover::HandoverOptions& handover_;
  common::TimePoint not_before_{common::TimePoint::min()};
  LbdWord lbd_;
  bool maintenance_{false};
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<std::unique_ptr<PeerLink>> peer_links_;
  Routers routers_;
  std::vector<RouterGroup> waiting_;
  std::function<void()> on_all_gone_;  // only while stopping
};

}  // namespace vrrp::daemon

#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "vrrpd/packet/types.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vrrp::link {

/// Which addresses a node answers for only as long as its daemon speaks.
struct LeaseOptions {
  std::string interface;
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // all of one family
  std::chrono::milliseconds duration{3000};  // from the last advertisement on
  bool alive{false};                         // from the beginning, before an advertisement

  bool operator==(const LeaseOptions&) const = default;
};

/// The table for nft(8). Whatever enters `interface` for one of the addresses, ARP requests and
/// neighbour solicitations included, is dropped unless a set element is alive, and what renews that
/// element is the daemon's own advertisements and announcements on their way out: no call to the
/// kernel, and nothing that has to run when the daemon no longer does.
std::string lease_ruleset(const LeaseOptions& options);

/// Whether the lease that an earlier run left has not ended: within `duration` it advertised.
bool lease_alive(const LeaseOptions& options);

/// The lease of one Virtual Router, enforced by the kernel: killed, hung or starved, a node is
/// silent for the virtual addresses before another one takes them, though they still stand on its
/// interface. Outlives the process, for that is its point; `remove` or a later `install` replaces
/// it.
class Lease {
 public:
  /// Also replaces what an earlier run left. The reason when the kernel refuses: netdev egress
  /// hooks need Linux 5.16 and CAP_NET_ADMIN.
  std::optional<std::string> install(const LeaseOptions& options);
  /// Packets for the addresses may come in though nothing is advertised; ARP is for the lease
  /// still.
  std::optional<std::string> hold(bool on);
  void remove();
  bool installed() const { return !table_.empty(); }
  /// Why the last `install` failed.
  const std::optional<std::string>& refusal() const { return refusal_; }

 private:
  friend class LeaseBatch;
  void note(const LeaseOptions& options, std::optional<std::string> refusal);

  std::string table_;
  std::string interface_;
  std::optional<std::string> refusal_;
};

/// Leases that are installed together: each transaction of its own reads every table there is, 255
/// of them would take half a minute.
class LeaseBatch {
 public:
  /// nft takes half a MiB for each while it reads them.
  static constexpr std::size_t kMostAtOnce = 32;

  void add(Lease& lease, LeaseOptions options) { jobs_.emplace_back(&lease, std::move(options)); }
  /// When the kernel refuses some, each of them is tried by itself.
  void install();

 private:
  using Job = std::pair<Lease*, LeaseOptions>;
  std::vector<Job> jobs_;
};

}  // namespace vrrp::link

#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "vrrpd/link/rules_monitor.hpp"
#include "vrrpd/packet/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::link {

/// Which addresses of one Virtual Router a node answers for only as long as its daemon speaks.
struct LeaseOptions {
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // all of the table's family
  std::chrono::milliseconds duration{3000};  // from the last advertisement on
  bool alive{false};                         // when it is put in force, before an advertisement

  bool operator==(const LeaseOptions&) const = default;
};

/// Whether the lease that an earlier run left has not ended: within `duration` it advertised.
bool lease_alive(const std::string& interface, Family family, Vrid vrid);

/// The leases of all Virtual Routers of one family on one interface, enforced by the kernel:
/// killed, hung or starved, a node is silent for the virtual addresses before another one takes
/// them, though they still stand on its interface. It outlives the process, for that is its point;
/// the next run replaces it.
///
/// One table of nftables. Whatever enters the interface for one of the addresses, ARP requests and
/// neighbour solicitations included, is dropped unless a set element of its router is alive, and
/// what renews that element is the daemon's own advertisements and announcements on their way out:
/// no call to the kernel, and nothing that has to run when the daemon no longer does. A packet is
/// looked up in four maps, however many routers there are; a table for each made of 255 of them 5 %
/// of a core.
class LeaseTable {
 public:
  LeaseTable(std::string interface, Family family);

  // With the next `flush`:
  /// Of a new router, or other options of a known one.
  void set(LeaseOptions options);
  /// The last one takes the table with it, at once.
  void remove(Vrid vrid);
  /// Somebody has deleted the table, when it is among these: all of it is to be put back.
  void note(const GoneTables& gone);

  /// Carries out what has changed, in one transaction; those that have not keep their time. An
  /// interface of another index was made anew, and so is the table. Cheap when nothing has changed.
  void flush(int interface_index);
  bool installed(Vrid vrid) const;
  const std::string& table() const { return table_; }
  /// Why the last change is not in force: netdev egress hooks need Linux 5.16 and CAP_NET_ADMIN.
  const std::optional<std::string>& refusal() const { return refusal_; }
  /// Packets for the addresses may come in though nothing is advertised; ARP is for the lease
  /// still. The reason when the kernel refuses.
  std::optional<std::string> hold(Vrid vrid, bool on);

  /// What `flush` is to run: nft(8).
  std::string commands(int interface_index) const;

 private:
  struct Entry {
    LeaseOptions options;
    bool fresh{true};  // not yet in force
  };
  void put_entry(std::string& out, const Entry& entry) const;
  void put_maps(std::string& out) const;

  std::string interface_;
  Family family_;
  std::string table_;
  std::vector<Entry> entries_;
  std::vector<Vrid> gone_;  // in the kernel still
  int installed_for_{0};    // the interface's index; 0: there is no table of ours
  std::optional<std::string> refusal_;
};

}  // namespace vrrp::link

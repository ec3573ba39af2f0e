#pragma once

#include "common/bytes.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <set>
#include <string>

namespace vrrp::link {

/// Tables of nftables that were deleted and not made again.
class GoneTables {
 public:
  /// What the kernel told of changes to its rules, in the order of its messages.
  void note(common::Octets messages);
  /// It could not tell all of them: any table may be gone.
  void note_loss() { any_ = true; }

  bool none() const { return !any_ && names_.empty(); }
  /// One of that name, of whatever family.
  bool has(const std::string& table) const { return any_ || names_.contains(table); }

 private:
  bool any_{false};
  std::set<std::string> names_;
};

/// Becomes readable when anybody changes the rules of nftables in this network namespace, we too.
/// `nft flush ruleset`, with which most rule files begin, takes our tables with all the others, and
/// nobody would be told.
class RulesMonitor {
 public:
  /// Needs CAP_NET_ADMIN.
  static common::Result<RulesMonitor> open();

  int descriptor() const { return socket_.number(); }
  /// What has been reported so far. Never waits.
  GoneTables drain();

 private:
  explicit RulesMonitor(Descriptor socket) : socket_{std::move(socket)} {}

  Descriptor socket_;
};

}  // namespace vrrp::link

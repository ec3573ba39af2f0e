#pragma once

#include "common/bytes.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace vrrp::link {

/// Tables of nftables that were deleted and not made again.
class GoneTables {
 public:
  /// What the kernel told of changes to its rules, in the order of its messages.
  void note(common::Octets messages);
  /// It could not tell all of them: any table may be gone.
  void note_loss() { any_ = true; }
  /// It could not, and was asked: whatever it told, these stand, and any other may be gone.
  void note_standing(std::set<std::string> tables) { standing_ = std::move(tables); }

  bool none() const { return !any_ && !standing_ && names_.empty(); }
  /// One of that name, of whatever family.
  bool has(const std::string& table) const {
    return any_ || (standing_ ? !standing_->contains(table) : names_.contains(table));
  }

 private:
  bool any_{false};
  std::optional<std::set<std::string>> standing_;
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

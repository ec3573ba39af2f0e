#pragma once

#include "common/time.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace booking::records {

using ChainHash = std::array<std::uint8_t, 32>;

/// One line of who did what to whose data.
struct AuditEntry {
  std::int64_t sequence{0};  // from 1, without gaps
  common::WallTime at;
  std::string actor;
  std::string address;
  std::string action;
  std::string subject;
  std::string detail;
};

/// SHA-256 over the hash of the entry before and everything this one says, each text with its
/// length in front, so that no two entries can be read as one another.
ChainHash link(const ChainHash& before, const AuditEntry& entry);

/// Goes along the chain: entries in order of sequence, each with the hash that is stored with it.
class ChainCheck {
 public:
  /// False once the chain is broken: this entry was changed, or one before it was taken away.
  bool add(const AuditEntry& entry, const ChainHash& stored);
  /// The end as it is kept apart from the entries: false when some were cut off the end.
  bool ends_at(std::int64_t sequence, const ChainHash& head) const;

  std::int64_t entries() const { return last_; }

 private:
  std::int64_t last_{0};
  ChainHash head_{};
};

}  // namespace booking::records

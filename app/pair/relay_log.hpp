#pragma once

#include "app/pair/gtid.hpp"

#include <optional>
#include <string_view>

namespace booking::pair {

/// What stands in a replica's relay log, told event by event, one file after the other. A file may
/// end within a transaction that the next one goes on with.
class RelayLog {
 public:
  /// As SHOW RELAYLOG EVENTS says it: Event_type and Info.
  void add(std::string_view type, std::string_view info);

  /// The last whole transaction; one that was cut off at the end does not count.
  const GtidPosition& end() const { return end_; }
  /// The first one that begins in it.
  const std::optional<Gtid>& first() const { return first_; }
  /// Something in it was not understood: there may be more than `end` says.
  bool broken() const { return broken_; }

 private:
  struct Open {
    Gtid gtid;
    bool one_statement;  // which commits by itself: a change of the schema
  };

  void begin(std::string_view info);

  GtidPosition end_;
  std::optional<Gtid> first_;
  std::optional<Open> open_;
  bool broken_{false};
};

}  // namespace booking::pair

#pragma once

#include "lb/server/inherited_sockets.hpp"

#include <string_view>

namespace lb::server {

/// What a process that was started by an upgrade says to the one before it, which goes on until we
/// serve. Nobody listens when there is none.
class Birth {
 public:
  static constexpr std::string_view kServing = "serving\n";

  explicit Birth(InheritedSockets& inherited);

  bool from_upgrade() const { return static_cast<bool>(pipe_); }
  void serving() { say(kServing); }
  void failed(std::string_view why) { say(why); }

 private:
  void say(std::string_view words);

  net::Descriptor pipe_;
};

}  // namespace lb::server

#pragma once

#include "common/address.hpp"
#include "vrrpd/handover/message.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace vrrp::handover {

/// Tells a message that was made now from one that was recorded and is sent again, and stamps our
/// own. A receiver believes only what echoes a number that it drew itself, and each sequence number
/// once. Whoever does not know that number yet, since either side has just started, is told it and
/// may say its word again.
class Sessions {
 public:
  static constexpr std::size_t kMostPeers = 16;

  /// `random` gives numbers that nobody can guess.
  explicit Sessions(std::function<std::uint64_t()> random) : random_{std::move(random)} {}

  struct Verdict {
    bool fresh{false};
    std::optional<Stamp> reply;  // for a Hello that tells the sender what to echo
  };
  /// Of a message whose key was right. `sequence` numbers what we send, growing also over restarts.
  Verdict judge(const common::IpAddress& peer, const Stamp& stamp, std::uint64_t sequence);
  /// For the next message to `peer`.
  Stamp next(const common::IpAddress& peer, std::uint64_t sequence);

 private:
  struct Session {
    std::uint64_t mine{0};    // a fresh message echoes it; 0: none proven yet
    std::uint64_t drawn{0};   // will be `mine` once it was echoed; 0: not drawn
    std::uint64_t theirs{0};  // what to echo
    std::uint64_t last{0};    // sequence of the last fresh message
  };
  Session& session(const common::IpAddress& peer);
  std::uint64_t draw();

  std::function<std::uint64_t()> random_;
  std::map<common::IpAddress, Session> sessions_;
};

}  // namespace vrrp::handover

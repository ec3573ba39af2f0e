#include "vrrpd/handover/sessions.hpp"

#include <utility>

namespace vrrp::handover {

Sessions::Verdict Sessions::judge(const common::IpAddress& peer, const Stamp& stamp,
                                  std::uint64_t sequence) {
  auto& known = session(peer);
  const bool proven = known.mine != 0 && stamp.to == known.mine && stamp.sequence > known.last;
  const bool proves = known.drawn != 0 && stamp.to == known.drawn;
  if (proven || proves) {
    // A number that was drawn since the last proof has never been echoed before: any sequence.
    if (proves) known.mine = std::exchange(known.drawn, 0);
    known.last = stamp.sequence;
    known.theirs = stamp.from;
    return {true, std::nullopt};
  }
  if (known.mine != 0 && stamp.to == known.mine) return {};  // once is enough
  if (known.drawn == 0) known.drawn = draw();
  return {false, Stamp{known.drawn, stamp.from, sequence}};
}

Stamp Sessions::next(const common::IpAddress& peer, std::uint64_t sequence) {
  auto& known = session(peer);
  if (known.mine == 0 && known.drawn == 0) known.drawn = draw();
  return {known.mine != 0 ? known.mine : known.drawn, known.theirs, sequence};
}

Sessions::Session& Sessions::session(const common::IpAddress& peer) {
  // Only who has the key comes here; should there be more of them than a group has, one goes.
  if (sessions_.size() >= kMostPeers && !sessions_.contains(peer))
    sessions_.erase(sessions_.begin());
  return sessions_[peer];
}

std::uint64_t Sessions::draw() {
  for (;;)
    if (const auto number = random_(); number != 0) return number;
}

}  // namespace vrrp::handover

#include "lb/http2/closed_streams.hpp"

#include <algorithm>

namespace lb::http2 {

void ClosedStreams::add(std::int32_t id, bool by_us) {
  auto& entry = entries_[next_];
  next_ = (next_ + 1) % kMost;
  forgotten_ = std::max(forgotten_, entry.id);
  entry = {id, by_us};
}

ClosedStreams::Verdict ClosedStreams::judge(std::int32_t id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& entry) { return entry.id == id; });
  if (found != entries_.end()) return found->by_us ? Verdict::Ignore : Verdict::Closed;
  return id <= forgotten_ ? Verdict::Ignore : Verdict::Unused;
}

}  // namespace lb::http2

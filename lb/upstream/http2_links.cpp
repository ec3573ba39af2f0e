#include "lb/upstream/http2_links.hpp"

#include "lb/upstream/http2_link.hpp"

#include <algorithm>
#include <utility>

namespace lb::upstream {

std::unique_ptr<Connection> Http2Links::take_ready() {
  // The first that has room, so that fewer connections are kept warm, and each by more.
  for (const auto& link : links_)
    if (link->is_open() && link->is_ready() && link->has_room()) return link->lend();
  return nullptr;
}

std::unique_ptr<Connection> Http2Links::take_any(std::size_t most, const Open& open) {
  std::erase_if(links_, [](const auto& link) { return !link->is_open(); });
  if (auto ready = take_ready()) return ready;
  for (const auto& link : links_)
    if (link->has_room()) return link->lend();
  if (links_.size() < most) {
    links_.push_back(open());
    return links_.back()->lend();
  }
  const auto least = std::min_element(
      links_.begin(), links_.end(),
      [](const auto& one, const auto& other) { return one->streams() < other->streams(); });
  return (*least)->lend();
}

void Http2Links::sweep(common::TimePoint idle_since) {
  for (const auto& link : links_)
    if (link->has_idled(idle_since)) link->leave();
  std::erase_if(links_, [](const auto& link) { return !link->is_open(); });
}

void Http2Links::leave() {
  for (const auto& link : std::exchange(links_, {})) link->leave();
}

}  // namespace lb::upstream

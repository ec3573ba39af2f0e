#include "lb/upstream/place_queue.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace lb::upstream {

bool take_place(EndpointShared& endpoint, std::uint32_t most) {
  auto& taken = endpoint.in_flight;
  if (most == 0) {
    taken.fetch_add(1);
    return true;
  }
  for (auto now = taken.load(); now < most;)
    if (taken.compare_exchange_weak(now, now + 1)) return true;
  return false;
}

PlaceQueue::Joined PlaceQueue::join(const std::shared_ptr<QueuedRequest>& request,
                                    std::vector<Place> wanted, std::uint32_t most) {
  const std::lock_guard lock{mutex_};
  if (line_.size() >= most && !displace_last(request->priority_)) return Joined::Full;
  request->wanted_ = std::move(wanted);
  // Before the last look at the places: who gives one back after it sees that somebody waits.
  ++waiting_;
  auto behind = line_.end();
  while (behind != line_.begin() && (*std::prev(behind))->priority_ < request->priority_) --behind;
  request->at_ = line_.insert(behind, request);
  request->queued_ = true;
  if (!take_any(*request)) return Joined::Waiting;
  remove(*request);
  return Joined::Granted;
}

bool PlaceQueue::change(QueuedRequest& request, std::vector<Place> wanted) {
  const std::lock_guard lock{mutex_};
  if (!request.queued_) return false;
  request.wanted_ = std::move(wanted);
  if (!take_any(request)) return false;
  remove(request);
  return true;
}

PlaceQueue::Left PlaceQueue::leave(QueuedRequest& request) {
  const std::lock_guard lock{mutex_};
  if (request.queued_) remove(request);
  return {std::exchange(request.granted_, {}), request.displaced_};
}

void PlaceQueue::give_back(const Place& place) {
  const auto& [endpoint, most] = place;
  if (most > 0 && waiting_.load() > 0) {
    const std::lock_guard lock{mutex_};
    // Handed over without being free in between. More are taken than allowed only after the limit
    // was lowered.
    if (endpoint->in_flight.load() <= most) {
      if (auto first = first_for(*endpoint)) {
        remove(*first);
        first->granted_ = place;
        wake(std::move(first));
        return;
      }
    }
  }
  endpoint->in_flight.fetch_sub(1);
  if (most == 0 || waiting_.load() == 0) return;
  const std::lock_guard lock{mutex_};  // somebody joined just now and may have found it taken
  auto first = first_for(*endpoint);
  if (!first || !take_place(*endpoint, most)) return;
  remove(*first);
  first->granted_ = place;
  wake(std::move(first));
}

/// False when nobody in the line is of less than `priority`.
bool PlaceQueue::displace_last(std::uint8_t priority) {
  if (line_.empty() || line_.back()->priority_ >= priority) return false;
  auto last = line_.back();
  remove(*last);
  last->displaced_ = true;
  wake(std::move(last));
  return true;
}

std::shared_ptr<QueuedRequest> PlaceQueue::first_for(const EndpointShared& endpoint) {
  const auto found = std::ranges::find_if(line_, [&endpoint](const auto& request) {
    return std::ranges::any_of(request->wanted_, [&endpoint](const Place& place) {
      return place.endpoint.get() == &endpoint;
    });
  });
  return found == line_.end() ? nullptr : *found;
}

bool PlaceQueue::take_any(QueuedRequest& request) {
  for (const auto& place : request.wanted_) {
    if (!take_place(*place.endpoint, place.most)) continue;
    request.granted_ = place;
    return true;
  }
  return false;
}

void PlaceQueue::remove(QueuedRequest& request) {
  line_.erase(request.at_);
  request.queued_ = false;
  --waiting_;
}

void PlaceQueue::wake(std::shared_ptr<QueuedRequest> request) {
  const auto executor = request->timer.get_executor();
  net::asio::post(executor, [request = std::move(request)] { request->timer.cancel(); });
}

}  // namespace lb::upstream

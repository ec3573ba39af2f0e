#include "vrrpd/recorder/recorder.hpp"

#include <algorithm>

namespace vrrp::recorder {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::Heard:
      return "heard";
    case Kind::Sent:
      return "sent";
    case Kind::Announced:
      return "announced";
    case Kind::Late:
      return "late";
    case Kind::Track:
      return "track";
    case Kind::Priority:
      return "priority";
    case Kind::Addresses:
      return "addresses";
    case Kind::State:
      return "state";
  }
  return "unknown";
}

Recorder::Recorder() { ring_.reserve(kMostEvents); }

bool Recorder::again(Mark mark, common::WallTime now) {
  if (mark == 0 || mark != newest_mark_) return false;
  newest().last = now;
  ++newest().count;
  return true;
}

Mark Recorder::keep(Event& event, std::string_view interface) {
  interface.copy(event.interface_name.data(), Event::kLongestInterface);
  if (!ring_.empty()) {
    auto& before = newest();
    if (before.kind == event.kind && before.vrid == event.vrid && before.text() == event.text() &&
        before.interface() == event.interface()) {
      before.last = event.last;
      ++before.count;
      return newest_mark_;
    }
  }
  if (ring_.size() < kMostEvents) {
    ring_.push_back(event);
  } else {
    ring_[next_] = event;
    next_ = (next_ + 1) % kMostEvents;
  }
  return ++newest_mark_;
}

std::vector<Event> Recorder::events() const {
  std::vector<Event> all{ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end()};
  all.insert(all.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
  return all;
}

const Flight& Recorder::keep_flight(std::string_view interface, std::uint8_t vrid) {
  Flight flight;
  for (std::size_t i = ring_.size(); i > 0 && flight.size() < kEventsOfFlight; --i) {
    const auto& event = ring_[(next_ + i - 1) % ring_.size()];
    if (event.vrid == vrid && event.interface() == interface) flight.push_back(event);
  }
  std::ranges::reverse(flight);
  if (flights_.size() == kMostFlights) flights_.pop_front();
  flights_.push_back(std::move(flight));
  return flights_.back();
}

}  // namespace vrrp::recorder

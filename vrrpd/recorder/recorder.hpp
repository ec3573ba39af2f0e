#pragma once

#include "common/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <vector>

namespace vrrp::recorder {

enum class Kind : std::uint8_t { Heard, Sent, Announced, Late, Track, Priority, Addresses, State };
std::string_view name(Kind kind);

/// One thing that happened, or the same thing many times in a row.
struct Event {
  static constexpr std::size_t kLongestText = 95;  // octets; the rest is cut off
  static constexpr std::size_t kLongestInterface = 15;

  common::WallTime first{};
  common::WallTime last{};
  std::uint64_t count{1};
  Kind kind{Kind::State};
  std::uint8_t vrid{0};
  std::array<char, kLongestInterface + 1> interface_name{};
  std::array<char, kLongestText + 1> line{};

  std::string_view interface() const { return interface_name.data(); }
  std::string_view text() const { return line.data(); }
};

/// What was recorded before a change of state, that change included.
using Flight = std::vector<Event>;

/// What was noted last, to note it again; 0: nothing.
using Mark = std::uint64_t;

class Recorder {
 public:
  static constexpr std::size_t kMostEvents = 2048;
  static constexpr std::size_t kMostFlights = 16;     // the last ones
  static constexpr std::size_t kEventsOfFlight = 64;  // of its router, at most

  Recorder();

  template <class... Args>
  Mark note(Kind kind, std::string_view interface, std::uint8_t vrid, common::WallTime now,
            fmt::format_string<Args...> format, Args&&... args) {
    Event event{.first = now, .last = now, .kind = kind, .vrid = vrid};
    *fmt::format_to_n(event.line.data(), Event::kLongestText, format, std::forward<Args>(args)...)
         .out = '\0';
    return keep(event, interface);
  }
  /// Once more what `mark` stands for, when nothing else has happened since: true, and no text was
  /// made.
  bool again(Mark mark, common::WallTime now);
  /// Keeps what led to the transition that was noted last of this router.
  const Flight& keep_flight(std::string_view interface, std::uint8_t vrid);

  /// From the oldest to the newest.
  std::vector<Event> events() const;
  const std::deque<Flight>& flights() const { return flights_; }

 private:
  Mark keep(Event& event, std::string_view interface);
  Event& newest() { return ring_[(next_ + ring_.size() - 1) % ring_.size()]; }

  std::vector<Event> ring_;  // of kMostEvents once it is full
  std::size_t next_{0};
  Mark newest_mark_{0};
  std::deque<Flight> flights_;
};

}  // namespace vrrp::recorder

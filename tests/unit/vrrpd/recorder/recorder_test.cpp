#include "vrrpd/recorder/recorder.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::recorder {
namespace {

using namespace std::chrono_literals;

constexpr common::WallTime kStart{1000s};

TEST_CASE("The same thing many times in a row takes one place", "[vrrp][recorder]") {
  Recorder recorder;
  for (int i = 0; i < 100; ++i)
    recorder.note(Kind::Heard, "eth0", 51, kStart + i * 10ms, "{} priority {}", "10.0.0.1", 200);
  recorder.note(Kind::Heard, "eth0", 52, kStart + 1s, "10.0.0.1 priority 200");
  const auto events = recorder.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].count == 100);
  CHECK(events[0].first == kStart);
  CHECK(events[0].last == kStart + 990ms);
  CHECK(events[0].text() == "10.0.0.1 priority 200");
  CHECK(events[1].vrid == 52);
}

TEST_CASE("The newest event is noted again by its mark, and none else", "[vrrp][recorder]") {
  Recorder recorder;
  CHECK_FALSE(recorder.again(0, kStart));
  const auto first = recorder.note(Kind::Heard, "eth0", 51, kStart, "one");
  CHECK(recorder.again(first, kStart + 10ms));
  CHECK(recorder.note(Kind::Heard, "eth0", 51, kStart + 20ms, "one") == first);
  const auto second = recorder.note(Kind::Heard, "eth0", 51, kStart + 30ms, "two");
  CHECK_FALSE(recorder.again(first, kStart + 40ms));
  for (std::size_t i = 0; i < 2 * Recorder::kMostEvents; ++i)
    recorder.note(Kind::Sent, "eth0", 51, kStart, "{}", i);
  CHECK_FALSE(recorder.again(second, kStart + 40ms));
  const auto last = recorder.note(Kind::Heard, "eth0", 51, kStart + 1s, "one");
  CHECK(recorder.again(last, kStart + 2s));
  CHECK(recorder.events().back().count == 2);
  CHECK(recorder.events().back().last == kStart + 2s);
}

TEST_CASE("The ring keeps the newest, in order", "[vrrp][recorder]") {
  Recorder recorder;
  const auto all = Recorder::kMostEvents + 10;
  for (std::size_t i = 0; i < all; ++i) recorder.note(Kind::Sent, "eth0", 51, kStart, "{}", i);
  const auto events = recorder.events();
  REQUIRE(events.size() == Recorder::kMostEvents);
  CHECK(events.front().text() == "10");
  CHECK(events.back().text() == std::to_string(all - 1));
  recorder.note(Kind::Sent, "eth0", 51, kStart, "{}", all - 1);
  CHECK(recorder.events().back().count == 2);
}

TEST_CASE("A flight is what its router went through, and only the last flights are kept",
          "[vrrp][recorder]") {
  Recorder recorder;
  for (int i = 0; i < 200; ++i) {
    recorder.note(Kind::Sent, "eth0", 51, kStart, "{}", i);
    recorder.note(Kind::Sent, "eth1", 51, kStart, "{}", i);
  }
  recorder.note(Kind::State, "eth0", 51, kStart, "active to backup");
  const auto& flight = recorder.keep_flight("eth0", 51);
  REQUIRE(flight.size() == Recorder::kEventsOfFlight);
  CHECK(flight.back().text() == "active to backup");
  CHECK(flight.front().text() == "137");
  for (const auto& event : flight) CHECK(event.interface() == "eth0");
  for (std::size_t i = 0; i < 100; ++i) recorder.keep_flight("eth0", 51);
  CHECK(recorder.flights().size() == Recorder::kMostFlights);
}

TEST_CASE("Long names and texts are cut off", "[vrrp][recorder]") {
  Recorder recorder;
  recorder.note(Kind::Track, std::string(40, 'e'), 1, kStart, "{}", std::string(500, 'x'));
  const auto events = recorder.events();
  CHECK(events[0].text() == std::string(Event::kLongestText, 'x'));
  CHECK(events[0].interface() == std::string(Event::kLongestInterface, 'e'));
}

}  // namespace
}  // namespace vrrp::recorder

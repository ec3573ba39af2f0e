#include "lb/health/circuit.hpp"

#include <algorithm>

namespace lb::health {

using common::TimePoint;

namespace {

constexpr std::uint32_t kMostDoublings = 16;

}  // namespace

std::string_view to_string(Circuit::State state) {
  switch (state) {
    case Circuit::State::Closed:
      return "closed";
    case Circuit::State::Open:
      return "open";
    case Circuit::State::HalfOpen:
      return "half open";
  }
  return "";
}

void Circuit::configure(const CircuitOptions& options) {
  options_ = options;
  if (!options_.enabled) *this = Circuit{options};
}

bool Circuit::on_served(std::uint64_t good, std::uint64_t bad, TimePoint now) {
  if (!options_.enabled) return false;
  switch (state_) {
    case State::Open:
      return on_time(now);  // what still ran there says nothing about how it is now
    case State::HalfOpen:
      good_ += good;
      if (bad > 0) return open(now);
      if (good_ < options_.trials) return false;
      times_ = 0;
      return turn(State::Closed, now);
    case State::Closed:
      break;
  }
  // Two half windows, so that a run of failures across their border is seen.
  if (now - window_began_ >= options_.window / 2) {
    const bool recent = now - window_began_ < options_.window;
    last_good_ = recent ? good_ : 0;
    last_bad_ = recent ? bad_ : 0;
    good_ = bad_ = 0;
    window_began_ = now;
  }
  good_ += good;
  bad_ += bad;
  const auto failed = bad_ + last_bad_;
  const auto all = failed + good_ + last_good_;
  if (all < options_.least_requests || failed * 100 < all * options_.failed_percent) return false;
  return open(now);
}

bool Circuit::on_time(TimePoint now) {
  return state_ == State::Open && now >= until_ && turn(State::HalfOpen, now);
}

bool Circuit::open(TimePoint now) {
  const auto doubled = options_.open * (1U << std::min(times_, kMostDoublings));
  until_ = now + std::min<common::Duration>(doubled, options_.most_open);
  ++times_;
  return turn(State::Open, now);
}

bool Circuit::turn(State state, TimePoint now) {
  state_ = state;
  since_ = window_began_ = now;
  good_ = bad_ = last_good_ = last_bad_ = 0;
  return true;
}

}  // namespace lb::health

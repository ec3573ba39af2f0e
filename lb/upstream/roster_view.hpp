#pragma once

#include "common/time.hpp"
#include "lb/net/asio.hpp"
#include "lb/telemetry/counters.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lb::upstream {

/// What all workers know of one endpoint together. Lives as long as anybody holds it: an endpoint
/// that stays over a reload keeps it, one that was removed has it until its last exchange is over.
struct EndpointShared {
  explicit EndpointShared(std::size_t workers) : by_worker(workers) {}

  std::atomic<std::uint32_t> in_flight{0};             // exchanges at this endpoint, of all workers
  std::atomic<std::uint32_t> failures_in_a_row{0};     // of all workers, since the last good answer
  std::vector<telemetry::EndpointCounters> by_worker;  // each written by its worker only
};

/// One endpoint as the control thread wants the workers to see it.
struct EndpointState {
  std::string name;  // "10.0.0.21:8080", or as configured: its identity within the upstream
  net::asio::ip::tcp::endpoint address;
  std::uint32_t weight{100};          // relative; 0 takes only clients that stick to it
  std::uint32_t tier{0};              // of priority: the next one serves when this one has nobody
  std::uint32_t most_connections{0};  // exchanges at a time, of all workers; 0: no limit
  bool usable{true};                  // by active checks, passive ejection and circuit
  bool draining{false};               // no new clients; those who stick to it and what runs go on
  common::TimePoint usable_since{common::TimePoint::min()};  // slow start counts from here
  std::shared_ptr<EndpointShared> shared;
};

/// The tier of what is configured as `backup: true`: it serves when every other tier has nobody.
inline constexpr std::uint32_t kBackupTier = 1000;

/// All endpoints of one upstream, in the order of their sources. Made by the roster on the control
/// thread, never changed afterwards: a change makes the next one.
using RosterView = std::vector<EndpointState>;

/// Whether sick endpoints serve, too, because too few of a tier are not: balancing::Tiers.
bool is_panicking(const RosterView& view, unsigned panic_percent);

}  // namespace lb::upstream

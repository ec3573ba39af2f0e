#pragma once

#include "lb/upstream/roster.hpp"

#include <map>

namespace lb::upstream {

/// Attempts at an endpoint, of all workers, since it is known.
struct Tally {
  std::uint64_t good{0};
  std::uint64_t bad{0};
};

/// One endpoint with all that is known of it.
struct Roster::Entry {
  explicit Entry(const UpstreamOptions& options)
      : health{options.check.hysteresis}, circuit{options.circuit} {}

  std::string name;
  common::SocketAddress address;
  Origin origin{Origin::Configuration};
  std::uint32_t weight{100};
  std::uint32_t tier{0};
  std::uint32_t most_connections{0};
  std::shared_ptr<EndpointShared> shared;
  common::TimePoint usable_since{common::TimePoint::min()};
  common::TimePoint since{common::TimePoint::min()};
  bool was_usable{true};  // when `since` was set

  health::EndpointHealth health;
  std::optional<CheckReport> last_check;
  common::TimePoint checked_at{};
  std::uint32_t passed_in_row{0};
  std::uint32_t failed_in_row{0};
  std::string failure;  // the last failed check as a phrase

  health::Circuit circuit;
  Tally at_circuit;   // when the circuit was told last
  Tally at_interval;  // when the outliers were looked for last

  Tally tally() const;
  /// Another server under the old name: what was known of its predecessor is void.
  void forget(const UpstreamOptions& options, common::TimePoint now);
};

/// A member of `endpoints` and what it named last.
struct Roster::Source {
  EndpointSource options;
  std::vector<discovery::Found> found;
  bool answered{false};
  bool settled{false};  // endpoints that come from now on are newcomers, to be started slowly
  std::string error{};
  std::uint64_t failures{0};
  std::size_t left_out{0};  // there is no room for more
  common::TimePoint since{};

  bool is_fixed() const { return std::holds_alternative<FixedEndpoint>(options.from); }
  Origin origin() const;
  std::string name() const;  // for people
};

/// What the operator has said about an endpoint.
struct Roster::Orders {
  bool draining{false};
  bool removed{false};
  std::optional<std::uint32_t> weight{};
  bool empty() const { return !draining && !removed && !weight; }
};

struct Roster::Group {
  explicit Group(const UpstreamOptions& o) : options{o}, outliers{o.passive} {}

  UpstreamOptions options;
  std::vector<Source> sources;
  std::vector<Source> added;  // by the operator, all fixed
  std::map<std::string, Orders, std::less<>> orders;
  std::vector<std::unique_ptr<Entry>> entries;
  health::Outliers outliers;
  common::TimePoint next_circuit{};   // when circuits are told what was served
  common::TimePoint next_interval{};  // when outliers are looked for
  std::shared_ptr<const RosterView> view;

  Entry* find(std::string_view endpoint) const;
  bool usable(const Entry& entry) const;
  bool is_draining(const Entry& entry) const;
  /// Why it is out; empty while it is in.
  std::string reason(const Entry& entry) const;
  /// Only those who could serve are compared, and count when some of them are taken out.
  void tell_outliers();
};

}  // namespace lb::upstream

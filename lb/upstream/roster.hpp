#pragma once

#include "lb/balancing/candidates.hpp"
#include "lb/health/endpoint_health.hpp"
#include "lb/upstream/roster_view.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::upstream {

/// What one check of an endpoint came to.
struct CheckReport {
  health::ProbeResult result{health::ProbeResult::Passed};
  std::string detail;  // one phrase for a person: `status 503, expected 200-299`; may be empty
  common::Duration took{};
};

enum class Origin : std::uint8_t { Configuration, Dns, File, Operator };

/// Why an endpoint is in use or not.
struct EndpointStatus {
  EndpointState state;  // what the workers are told
  Origin origin{Origin::Configuration};
  std::uint32_t configured_weight{100};
  bool checked{false};  // checks are made at all
  health::State check{health::State::Unchecked};
  std::optional<CheckReport> last_check;
  common::TimePoint checked_at{};  // of `last_check`
  std::uint32_t passed_in_row{0};
  std::uint32_t failed_in_row{0};
  health::Ejection ejection{health::Ejection::None};  // by how it served requests
  common::TimePoint ejected_until{};
  std::uint32_t ejections{0};  // of late: the next one lasts longer for each of them
  health::Circuit::State circuit{health::Circuit::State::Closed};
  common::TimePoint circuit_until{};                  // while it is open
  common::TimePoint since{common::TimePoint::min()};  // of being usable or not; min: from the start
  std::string reason;                                 // why it is out; empty while it is in
};

/// How a source of endpoints does.
struct SourceStatus {
  std::string name;   // `dns app.internal:8080`
  std::string error;  // why the last attempt failed; empty when it did not
  bool answered{false};
  std::size_t endpoints{0};
  std::uint64_t failures{0};
  common::TimePoint since{};  // of the last answer that changed something, or of the failure
};

struct UpstreamStatus {
  std::string name;
  bool required{true};
  std::vector<EndpointStatus> endpoints;
  std::vector<SourceStatus> sources;  // those that are looked up, not fixed endpoints

  /// Endpoints that are not in use and sources that failed, each with its reason.
  std::vector<std::pair<std::string, std::string>> why_out() const;
};

/// The one authority on which endpoints every upstream has, where they come from and which are
/// usable; lives on the control thread. It is given what others have found (checks, DNS, files,
/// workers, the operator) and publishes immutable lists to the workers. Endpoints keep their state
/// over a reload as long as upstream and endpoint keep their names. Knows no socket and reads no
/// clock.
class Roster {
 public:
  /// Endpoints in one upstream; what a source names beyond is left out, and its status says so.
  static constexpr std::size_t kMostEndpoints = balancing::EndpointSet::kMost;
  /// Endpoints of one upstream that the operator has said something about.
  static constexpr std::size_t kMostOrders = 4 * kMostEndpoints;

  /// A new list of an upstream, also when it is new itself.
  using Publish =
      std::function<void(const std::string& upstream, std::shared_ptr<const RosterView>)>;

  Roster(std::size_t workers, Publish publish);
  ~Roster();

  /// Takes a whole new set of upstreams; publishes all lists that have changed and those of all
  /// upstreams that are new.
  void configure(const std::vector<UpstreamOptions>& upstreams, common::TimePoint now);

  /// A source (by its place in `UpstreamOptions::endpoints`) has been looked up, or could not be:
  /// then what it found last stays.
  void on_found(std::string_view upstream, std::size_t source,
                const std::vector<discovery::Found>& found, common::TimePoint now);
  void on_source_failed(std::string_view upstream, std::size_t source, std::string error,
                        common::TimePoint now);
  /// True when the verdict is about to turn: it is worth checking again soon.
  bool on_check(std::string_view upstream, std::string_view endpoint, CheckReport report,
                common::TimePoint now);
  /// A worker has seen it.
  void on_passive(std::string_view upstream, std::string_view endpoint, health::PassiveEvent event,
                  common::TimePoint now);
  /// Looks at what the endpoints have served and at whose time is over. Call it at
  /// `next_deadline()`, which every other call may have brought nearer.
  void advance(common::TimePoint now);
  common::TimePoint next_deadline() const;

  enum class Answer : std::uint8_t { Done, NoUpstream, NoEndpoint, Exists, Full };
  // What the operator wants; it holds over reloads, and for an endpoint that vanishes and comes
  // back, until the process ends.
  Answer set_draining(std::string_view upstream, std::string_view endpoint, bool draining,
                      common::TimePoint now);
  Answer set_weight(std::string_view upstream, std::string_view endpoint, std::uint32_t weight,
                    common::TimePoint now);
  /// A fixed endpoint. One that `remove` took away comes back as its own source has it.
  Answer add(std::string_view upstream, const EndpointSource& endpoint, common::TimePoint now);
  Answer remove(std::string_view upstream, std::string_view endpoint, common::TimePoint now);

  /// The list last published; null for an unknown upstream.
  std::shared_ptr<const RosterView> view(std::string_view upstream) const;
  /// The names of all upstreams, in the order of the configuration.
  std::vector<std::string> upstreams() const;
  /// Whether an exchange would find an endpoint.
  bool has_usable(std::string_view upstream) const;
  std::vector<UpstreamStatus> status() const;
  const UpstreamOptions* options(std::string_view upstream) const;

 private:
  struct Entry;
  struct Source;
  struct Orders;
  struct Group;
  Group* find(std::string_view upstream) const;
  /// Makes the entries anew out of the sources; those that stay keep their state.
  void assemble(Group& group, common::TimePoint now);
  void publish(Group& group);
  /// After `change` of what makes endpoints usable: takes note, tells why, publishes.
  void settle(Group& group, common::TimePoint now);
  Answer order(std::string_view upstream, std::string_view endpoint,
               const std::function<void(Orders&)>& change, common::TimePoint now);

  std::size_t workers_;
  Publish publish_;
  std::vector<std::unique_ptr<Group>> groups_;
};

}  // namespace lb::upstream

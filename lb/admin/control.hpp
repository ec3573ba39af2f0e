#pragma once

#include "common/log.hpp"
#include "common/result.hpp"
#include "common/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::admin {

using std::chrono::milliseconds;

struct ListenerStatus {
  std::string name;     // empty without one
  std::string address;  // the one in use, also where the configuration said port 0
  bool accepting{true};
  std::uint64_t requests{0};  // answered since the start
};

struct RouteStatus {
  std::string name;                    // what metrics and the access log call it
  std::string match;                   // one line for a person: `www.example.kr /api [GET]`
  std::vector<std::string> upstreams;  // more than one for a split; empty when filters answer
  std::uint64_t requests{0};
};

/// What an endpoint takes: the first that holds, from the top.
enum class EndpointState : std::uint8_t {
  Draining,   // no new clients, by the operator's word
  Down,       // the checks say so
  Ejected,    // its answers to real traffic were bad
  Open,       // its circuit is open
  Unchecked,  // no verdict yet; in use
  Up,
};
std::string_view to_string(EndpointState state);

enum class EndpointSource : std::uint8_t { Configuration, Dns, File, Operator };
std::string_view to_string(EndpointSource source);

/// Why an endpoint is in or out: what the checks and real traffic said last.
struct EndpointReason {
  std::string last_check;  // `passed`, `refused`, `timed_out`…; empty: none yet
  std::string detail;      // `status 503, expected 200-299`; may be empty
  std::optional<common::WallTime> checked_at;  // none: never checked
  milliseconds check_took{0};
  std::uint32_t passed_in_row{0};
  std::uint32_t failed_in_row{0};
  std::string last_error;  // of real traffic: `connection_died`…; empty: none
  std::optional<common::WallTime> failed_at;
  std::optional<common::WallTime> ejected_until;
};

struct EndpointStatus {
  std::string name;     // its identity within the upstream, as commands take it
  std::string address;  // as connected to
  EndpointSource source{EndpointSource::Configuration};
  EndpointState state{EndpointState::Unchecked};
  std::optional<common::WallTime> since;  // of `state`; none: since the start
  EndpointReason reason;
  std::uint32_t weight{100};
  std::uint32_t tier{0};
  bool backup{false};
  std::uint32_t in_flight{0};
  std::uint32_t most_connections{0};  // 0: no limit
  std::uint64_t answered{0};          // attempts, since the start
  std::uint64_t failed{0};
  std::uint64_t ejections{0};
  std::optional<std::chrono::microseconds>
      latency;  // to the head of an answer: the mean of the last seconds
};

struct UpstreamStatus {
  std::string name;
  std::string policy;  // as under `balance.policy`
  bool required{true};
  bool panic{false};  // too few are usable, so all are used
  std::uint32_t usable{0};
  std::uint32_t queued{0};  // waiting for a place now
  std::uint32_t queue_length{0};
  std::uint64_t queue_timeouts{0};
  std::uint64_t queue_refusals{0};
  std::vector<EndpointStatus> endpoints;
  std::vector<std::string> sources;  // DNS names and files whose last look-up failed, with why
};

/// A certificate that clients are shown, or endpoints.
struct CertificateStatus {
  std::string listener;  // one of these is empty
  std::string upstream;
  std::string file;
  std::string subject;
  std::string issuer;
  std::vector<std::string> names;
  std::string key;          // `EC 256`
  std::string fingerprint;  // SHA-256
  common::WallTime not_before{};
  common::WallTime not_after{};
  bool stapled{false};
};

/// Durations of whole requests. `buckets[i]` counts those within (bounds[i-1], bounds[i]]; the last
/// bucket, one more than there are bounds, takes the rest.
struct DurationStatus {
  std::vector<double> bounds;  // seconds, ascending
  std::vector<std::uint64_t> buckets;
};

/// Counted since the start of the process, except where it says now. What is a rate is made of two
/// of these by whoever shows it.
struct Totals {
  std::array<std::uint64_t, 5> by_class{};  // answers 1xx to 5xx
  DurationStatus durations;
  std::uint64_t bytes_received{0};
  std::uint64_t bytes_sent{0};
  std::uint64_t retries{0};
  std::uint64_t refused{0};  // answered by lbd itself with an error
  std::uint64_t client_connections{0};
  std::uint64_t client_connections_now{0};
  std::uint64_t upstream_connections{0};
  std::uint64_t requests_now{0};              // exchanges under way
  std::uint64_t upstream_connections_now{0};  // those kept warm among them
};

/// An exchange that went wrong, cut and harmless to show: at most kMostErrors are kept.
struct RecentError {
  common::WallTime at{};
  std::uint32_t status{0};  // 0: nobody was left to be answered
  std::string error;        // the label, `connection_died`
  std::string method;
  std::string host;
  std::string path;  // without its query, which may hold what is nobody's business
  std::string upstream;
  std::string endpoint;
  std::string client;
  std::string request_id;
  std::chrono::microseconds duration{0};
};

struct ConfigFault {
  std::string where;  // `lbd.yaml:12: upstreams[0].check.rise`
  std::string wrong;
  std::string right;
};

struct ReloadStatus {
  common::WallTime at{};
  bool successful{true};
  std::vector<ConfigFault> faults;
  std::vector<std::string> changes;  // one line each: `upstream bookd: endpoint … added`
};

struct ProcessStatus {
  std::string version;
  std::uint32_t pid{0};
  common::WallTime started{};
  std::uint32_t workers{0};
  bool ready{true};
  std::vector<std::string> not_ready;  // a line a reason, as /readyz
  bool draining{false};
  std::string config_file;
  std::uint64_t generation{1};  // of the configuration; the start is the first
  std::optional<ReloadStatus> last_reload;
  common::LogLevel log_level{common::LogLevel::Info};
  std::optional<double> loop_lag_seconds;  // the worst worker's, lately
  std::uint64_t memory_bytes{0};           // resident
};

/// A client's connection now. Of the request under way, if there is one, octets of strangers are
/// cut and harmless to show.
struct SessionStatus {
  std::string client;
  std::string listener;
  std::uint32_t worker{0};
  std::string state;          // `idle`, `receiving_head`, `queued`, `connecting`, `tunnel`…
  milliseconds lasts{0};      // the request; without one, the state
  std::uint64_t requests{0};  // begun on the connection
  std::string method, host, path, route, upstream, endpoint;  // empty: there is none, or not known
  std::uint32_t attempts{0};
  std::uint64_t bytes_sent{0};  // of this answer, so far
};

struct Sessions {
  static constexpr std::size_t kMostListed = 1000;

  std::uint64_t total{0};
  std::vector<std::pair<std::string, std::uint64_t>> by_state;
  bool complete{true};                 // false: a worker had no time to answer
  std::vector<SessionStatus> longest;  // requests under way first, the longest before the others
};

struct Status {
  static constexpr std::size_t kMostErrors = 64;

  ProcessStatus process;
  Totals totals;
  std::vector<ListenerStatus> listeners;
  std::vector<RouteStatus> routes;
  std::vector<UpstreamStatus> upstreams;
  std::vector<RecentError> errors;  // the latest first
};

/// Why a command was not carried out.
enum class Refused : std::uint8_t {
  NotFound,     // no such upstream or endpoint
  Conflict,     // it exists already, or it is not the operator's to remove
  BadValue,     // out of range, not an address
  Unavailable,  // not now: draining, another reload under way
  Failed,       // tried, and it did not work
};

struct CommandError {
  Refused kind{Refused::Failed};
  std::string detail;               // a sentence for the operator
  std::vector<ConfigFault> faults;  // of a reload
};
/// What was done, as a sentence.
using CommandResult = common::Result<std::string, CommandError>;

struct NewEndpoint {
  std::string address;  // `10.0.0.23:8080`
  std::string name;     // empty: the address
  std::uint32_t weight{100};
  std::uint32_t tier{0};
  bool backup{false};
  std::uint32_t most_connections{0};
};

/// What the admin door can see and do. Implemented by the server; called on the control thread
/// only. What the operator set at run time holds until the process ends or a reload names the
/// endpoint otherwise; commands are idempotent.
class Control {
 public:
  static constexpr std::uint32_t kMostWeight = 10'000;
  static constexpr std::chrono::seconds kLongestOffer{24 * 3600};

  virtual ~Control() = default;

  virtual Status status() const = 0;
  /// The text of /readyz is made of `ready` and `not_ready`; cheaper than the whole status.
  virtual ProcessStatus process() const = 0;
  /// Of all listeners.
  virtual std::vector<CertificateStatus> certificates() const = 0;
  /// All client connections by their state, and `most` of them in full. Waits for the workers, but
  /// not for one that is late.
  virtual Sessions sessions(std::size_t most) const = 0;
  /// Asked about every second for rates; cheaper than the whole status, too.
  virtual Totals totals() const = 0;

  /// No new clients for the endpoint; what runs goes on, sticky clients stay.
  virtual CommandResult drain(std::string_view upstream, std::string_view endpoint) = 0;
  virtual CommandResult undrain(std::string_view upstream, std::string_view endpoint) = 0;
  /// 0 to kMostWeight; 0 takes only sticky clients.
  virtual CommandResult set_weight(std::string_view upstream, std::string_view endpoint,
                                   std::uint32_t weight) = 0;
  virtual CommandResult add(std::string_view upstream, const NewEndpoint& endpoint) = 0;
  /// What runs at the endpoint goes on to its end.
  virtual CommandResult remove(std::string_view upstream, std::string_view endpoint) = 0;
  /// Carried out before it returns; refused with all faults, and then nothing has changed.
  virtual CommandResult reload() = 0;
  /// For so long every answer says that its connection ends with it, and nobody is refused: clients
  /// that shall find another node go there by themselves. 0 ends it.
  virtual CommandResult offer_close(std::chrono::seconds how_long) = 0;
  virtual CommandResult set_log_level(common::LogLevel level) = 0;
};

}  // namespace lb::admin

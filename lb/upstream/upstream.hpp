#pragma once

#include "lb/balancing/balancer.hpp"
#include "lb/balancing/retry_budget.hpp"
#include "lb/health/passive.hpp"
#include "lb/upstream/http2_link.hpp"
#include "lb/upstream/lease.hpp"
#include "lb/upstream/place_queue.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string_view>

namespace lb::upstream {

/// What a policy needs to know of a request.
struct Selector {
  std::uint64_t hash{0};                      // of what is hashed; 0: the request has none
  std::optional<balancing::StickyId> sticky;  // the endpoint that a valid cookie names
  bool ageing{false};                         // that cookie is to be issued anew
  std::uint8_t priority{0};                   // in the line for a place: the higher goes first
};

/// Why there is no lease.
enum class Unavailable : std::uint8_t {
  NoEndpoint,  // nobody is fit, or all have been tried
  Busy,        // all who are have as many exchanges as they may
  QueueFull,
  QueueTimeout,
  Cancelled,
};

struct Acquired {
  Lease lease;
  Unavailable why{Unavailable::NoEndpoint};  // when there is no lease
};

/// A wait for a place that can be ended from outside, on the same worker.
class PlaceWait : public net::ListHook {
 public:
  ~PlaceWait() { cancel(); }
  bool waits() const { return request_ != nullptr; }
  void cancel() {
    cancelled_ = true;
    if (request_) request_->timer.cancel();
  }

 private:
  friend class Upstream;
  std::shared_ptr<QueuedRequest> request_;
  const Selector* selector_{nullptr};
  balancing::EndpointSet tried_;
  bool cancelled_{false};
};

/// The endpoints of one upstream for one worker: who is there, whose turn it is, and the
/// connections kept warm. It starts empty; `apply` tells who is there.
class Upstream {
 public:
  /// Tells the control thread of what only those who pass requests on can see. Called rarely.
  using OnPassive = std::function<void(std::string_view endpoint, health::PassiveEvent)>;

  /// `worker`: its number, of those for which the endpoints were made. `queue` is shared by all
  /// workers.
  Upstream(UpstreamOptions options, std::size_t worker, std::shared_ptr<PlaceQueue> queue);
  ~Upstream();

  const UpstreamOptions& options() const { return options_; }
  /// Of a new configuration: endpoints, what was learnt of them, queue places and warm connections
  /// stay; but whom other TLS settings let in is looked at anew.
  void configure(UpstreamOptions options);
  void set_on_passive(OnPassive on_passive) { on_passive_ = std::move(on_passive); }

  /// Makes the endpoints those of `view`: who is new joins, who is not there leaves without being
  /// told so, who has become unfit loses his warm connections and those who wait for his answer are
  /// told.
  void apply(std::shared_ptr<const RosterView> view);

  bool has_usable() const { return balancer_.has_candidates(); }
  /// Sick endpoints are used because too few are not.
  bool panicking() const { return balancer_.panicking(); }

  /// A place at the endpoint that the policy chooses among those not in `tried`. Never waits.
  Acquired try_acquire(const Selector& selector, balancing::EndpointSet tried,
                       common::TimePoint now);
  /// When all are busy: waits in line for a place, no longer than the queue's timeout. `selector`
  /// and `wait` live until it returns; `wait` ends it.
  net::Awaitable<Acquired> wait_for_place(net::Executor executor, const Selector& selector,
                                          balancing::EndpointSet tried, PlaceWait& wait);
  /// Whether there is somebody else to ask, busy or not.
  bool has_untried(const Selector& selector, balancing::EndpointSet tried) const {
    return !eligible(selector, tried).empty();
  }

  /// How an exchange's attempt went: what balancing and passive checks learn from. `latency`: from
  /// asking to the answer's head or the failure.
  void report(Endpoint& endpoint, health::Verdict verdict, common::Duration latency,
              common::TimePoint now);
  /// One more try of a request is paid for out of the budget; false when it is spent.
  bool take_retry(common::TimePoint now) { return budget_.take(now); }

  /// Names clients' endpoints in cookies; null when the upstream is not sticky.
  const balancing::StickyCookies* sticky() const { return sticky_ ? &*sticky_ : nullptr; }

  /// A warm connection that is still quiet and has idled no longer than `most_idle`; null when
  /// there is none and a new one must be opened.
  std::unique_ptr<Connection> take_idle(Endpoint& endpoint, common::TimePoint now,
                                        common::Duration most_idle);
  /// Of an upstream that is spoken to in HTTP/2: a share in a connection that is ready and has
  /// room; null when there is none.
  std::unique_ptr<Connection> take_share(Endpoint& endpoint) { return endpoint.links.take_ready(); }
  /// A share in one that may yet have to be made. `home` lives as long as this worker.
  std::unique_ptr<Connection> share(Endpoint& endpoint, LinkHome home);
  /// Only a connection whose last answer was read to its exact end may be kept. A share ends, and
  /// so does what was made under TLS settings of before.
  void keep(Endpoint& endpoint, std::unique_ptr<Connection> connection, common::TimePoint now);

  /// Closes what has idled too long; call about every second.
  void sweep(common::TimePoint now);
  void close_idle();

 private:
  friend class Lease;

  Endpoint* find(const EndpointState& state) const;
  Endpoint& add(const EndpointState& state);
  void remove(Endpoint& endpoint);
  std::size_t free_slot();
  void name_in_cookies();
  balancing::EndpointSet eligible(const Selector& selector, balancing::EndpointSet tried) const;
  std::vector<Place> places(balancing::EndpointSet endpoints) const;
  void look_again();
  Lease lease_of(const Place& granted);
  void end(Endpoint& endpoint);

  UpstreamOptions options_;
  std::size_t worker_;
  std::shared_ptr<PlaceQueue> queue_;
  OnPassive on_passive_;
  balancing::Balancer balancer_;
  balancing::RetryBudget budget_;
  std::optional<balancing::StickyCookies> sticky_;
  std::array<std::unique_ptr<Endpoint>, balancing::EndpointSet::kMost> slots_;
  balancing::EndpointSet taken_;
  std::size_t next_slot_{0};
  std::vector<std::unique_ptr<Endpoint>> leaving_;  // gone, but exchanges run there
  net::IntrusiveList<PlaceWait> waits_;             // of this worker, in their order
};

}  // namespace lb::upstream

#pragma once

#include "common/result.hpp"
#include "vrrpd/daemon/counters.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/daemon/router_options.hpp"
#include "vrrpd/daemon/segment.hpp"
#include "vrrpd/daemon/virtual_mac.hpp"
#include "vrrpd/election/action.hpp"

#include <optional>
#include <vector>

namespace vrrp::daemon {

/// Carries out what the election decides for one Virtual Router. What the kernel refuses is counted
/// and logged.
class ActionRunner {
 public:
  /// `virtual_mac`: null when the addresses have the interface's own.
  ActionRunner(Segment& segment, VirtualMac* virtual_mac, link::Netlink& netlink,
               const RouterOptions& options, packet::Authenticator& authenticator,
               RouterCounters& counters)
      : segment_{segment},
        virtual_mac_{virtual_mac},
        netlink_{netlink},
        options_{options},
        authenticator_{authenticator},
        counters_{counters} {}

  /// False when the kernel refuses an address: nothing is announced or advertised after that, and
  /// the election must hear of it.
  bool run(const election::Action& action) {
    return std::visit([this](const auto& each) { return perform(each); }, action);
  }
  /// Asks the LAN whether somebody else has the addresses.
  void probe();
  /// Removes what an earlier run of this daemon left behind when it was killed.
  void remove_stale();
  /// Lets go of what stood in `before`, ahead of a reload, and is no longer ours.
  void release_others(const RouterOptions& before);
  /// While Active: puts back what somebody else took away. How many that were; nothing when the
  /// kernel refuses one.
  std::optional<int> restore();
  /// While Active: puts back routes that are gone, whoever or whatever took them (the kernel does,
  /// with a link that went down). One that it refuses is counted and told; the addresses do without
  /// it. How many were put back.
  int restore_routes();

 private:
  // False ends the turn.
  bool perform(const election::SendAdvertisement& action);
  bool perform(const election::TakeAddresses&);
  bool perform(const election::Announce&);
  bool perform(const election::ReleaseAddresses&);
  bool perform(const election::RequestHandover&) { return true; }  // not for the LAN
  void send(const packet::Advertisement& advertisement, const common::IpAddress& source,
            const common::IpAddress& destination);
  void announce(common::Octets frame);
  void release(const common::PrefixedAddress& address);
  bool is_own(const common::PrefixedAddress& address) const;
  void release(const link::Route& route);
  void take_routes();
  void remove_stale(const link::Interface& interface);
  template <class... Args>
  recorder::Mark note(recorder::Kind kind, fmt::format_string<Args...> format, Args&&... args) {
    return segment_.journal().recorder.note(kind, options_.interface, options_.vrid.value,
                                            common::wall_now(), format,
                                            std::forward<Args>(args)...);
  }
  void failed(const char* what, const boost::system::error_code& error);

  /// Where the addresses stand, and what they are found by.
  const link::Interface& home() const {
    return virtual_mac_ == nullptr ? segment_.interface() : virtual_mac_->device();
  }
  const MacAddress& mac() const {
    return virtual_mac_ == nullptr ? segment_.interface().mac : virtual_mac_->mac();
  }
  common::Result<link::Change> add(const common::PrefixedAddress& address);
  common::Result<void> send_out(common::Octets message, const common::IpAddress& source,
                                const common::IpAddress& destination);

  Segment& segment_;
  VirtualMac* virtual_mac_;
  link::Netlink& netlink_;
  const RouterOptions& options_;
  packet::Authenticator& authenticator_;
  RouterCounters& counters_;
  LogLimit failure_limit_;
  std::vector<common::PrefixedAddress> found_;  // stood there before they were taken
  bool taken_{false};                           // at least once
  Priority noted_{};                            // as sent last, and noted so
  recorder::Mark noted_mark_{0};
};

}  // namespace vrrp::daemon

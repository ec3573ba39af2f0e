#pragma once

#include "vrrpd/packet/types.hpp"

#include <boost/container/static_vector.hpp>

#include <variant>

namespace vrrp::election {

/// Multicast one advertisement of this priority.
struct SendAdvertisement {
  Priority priority;
  bool operator==(const SendAdvertisement&) const = default;
};
/// Put the virtual addresses on the interface; already there is as good.
struct TakeAddresses {
  bool operator==(const TakeAddresses&) const = default;
};
/// Tell the LAN where the virtual addresses are: gratuitous ARP in both forms.
struct Announce {
  bool operator==(const Announce&) const = default;
};
/// Take the virtual addresses off the interface; already gone is as good.
struct ReleaseAddresses {
  bool operator==(const ReleaseAddresses&) const = default;
};

/// Ask the Active Router, a lesser one, to hand over.
struct RequestHandover {
  bool operator==(const RequestHandover&) const = default;
};

/// What the caller must do, in this order and in one turn.
using Action =
    std::variant<SendAdvertisement, TakeAddresses, Announce, ReleaseAddresses, RequestHandover>;
using Actions = boost::container::static_vector<Action, 4>;

}  // namespace vrrp::election

#pragma once

#include "common/result.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace vrrp::control {

/// A Virtual Router as an operator names it: `51`, or `eth0/51` where several interfaces have one.
struct RouterName {
  std::string interface;  // empty: any
  std::uint8_t vrid{0};

  static std::optional<RouterName> parse(std::string_view text);
};

/// Why a command was not carried out.
struct Refusal {
  enum class Kind : std::uint8_t {
    NotFound,  // no such router
    Conflict,  // it is not in a state for that
    Failed,    // tried, and it did not work
  };
  Kind kind{Kind::Failed};
  std::string detail;  // a sentence for the operator
};
/// What was done or begun, as a sentence.
using Outcome = common::Result<std::string, Refusal>;

/// What the operator's door can see and do. Implemented by the daemon; called on its event loop.
class Control {
 public:
  virtual ~Control() = default;

  /// Every router and interface; members are added, never renamed.
  virtual boost::json::value status() const = 0;
  /// Begins to give a router's addresses to a peer; without a name, those of every Active router.
  /// How it ended stands in the status.
  virtual Outcome hand_over(const std::optional<RouterName>& router) = 0;
  /// Asks the Active Router for the addresses that this node gave to it.
  virtual Outcome take_back(const RouterName& router) = 0;
  /// On: gives away what it has and takes nothing until off, restarts included.
  virtual Outcome set_maintenance(bool on) = 0;
};

}  // namespace vrrp::control

#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vrrp::ctl {

/// Why a practised failover of the routers that are meant would be none, or would hurt somebody; a
/// sentence. Nothing when it may begin. `status`: of the node that is to give its addresses away.
std::optional<std::string> drill_refusal(const boost::json::value& status,
                                         const std::vector<std::string>& operands);

/// What was seen of one router while its addresses went to a peer and came back: the looks at its
/// status go in, in their order, and a report comes out.
class Drill {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// `before`: the router, Active, before anything was done.
  explicit Drill(const boost::json::value& before);

  /// A look while they are with the peer.
  void on_away(const boost::json::value& router);
  /// They are back. `took`: from the question for them.
  void on_back(const boost::json::value& router, Milliseconds took);
  /// The drill ended otherwise; a sentence.
  void on_failure(std::string what) { faults_.push_back(std::move(what)); }

  const std::string& router() const { return router_; }
  /// Everything was as it should be.
  bool passed() const { return was_away_ && back_took_.has_value() && faults_.empty(); }
  std::string text() const;
  boost::json::object json() const;

 private:
  void look(const boost::json::value& router);

  std::string router_;
  std::string group_;
  std::string successor_;
  std::uint64_t heard_before_{0};
  std::uint64_t failures_before_{0};
  std::uint64_t announced_before_{0};
  std::uint64_t heard_away_{0};  // advertisements of the successor
  bool was_away_{false};
  double took_ms_{0};
  double longest_silence_ms_{0};
  double interval_ms_{0};
  std::uint64_t connections_{0};
  std::uint64_t announced_back_{0};
  std::optional<Milliseconds> back_took_;
  std::vector<std::string> faults_;
};

}  // namespace vrrp::ctl

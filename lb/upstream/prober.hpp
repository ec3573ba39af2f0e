#pragma once

#include "lb/upstream/roster.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lb::upstream {

/// Asks every endpoint of every upstream whether it is fit, for the whole process, in one
/// io_context. A check that hangs delays neither the next one of its endpoint nor any of another.
class Prober {
 public:
  /// Checks under way, and so descriptors; who is due beyond waits for its turn.
  static constexpr std::size_t kMostAtOnce = 128;
  /// Of one endpoint: when `timeout` is longer than `interval`.
  static constexpr std::size_t kMostOverlapping = 4;

  /// A check has come to its end. True when the endpoint is worth asking again soon.
  using OnReport =
      std::function<bool(std::string_view upstream, std::string_view endpoint, CheckReport report)>;

  Prober(boost::asio::io_context& context, OnReport on_report);
  ~Prober();

  /// Checks exactly these endpoints of the upstream from now on; those that were checked before
  /// keep their time.
  void follow(const UpstreamOptions& upstream, const RosterView& endpoints);
  void forget(std::string_view upstream);
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace lb::upstream

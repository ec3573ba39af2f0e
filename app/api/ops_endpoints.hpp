#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/route_table.hpp"
#include "app/ops/watcher.hpp"

namespace booking::api {

/// 운영 관제: the overview as it is, and as it changes.
class OpsEndpoints {
 public:
  /// So long a reader of events waits for the next look; less than what a drain leaves it.
  static constexpr std::chrono::milliseconds kLongestWait{8000};
  /// Readers of events at once; more are told to come again.
  static constexpr std::size_t kMostReaders = 32;

  OpsEndpoints(const AdminGate& gate, const ops::Watcher& watcher)
      : gate_{gate}, watcher_{watcher} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> overview(const Request& request);
  boost::asio::awaitable<Response> events(const Request& request);

  const AdminGate& gate_;
  const ops::Watcher& watcher_;
  std::size_t readers_{0};
};

}  // namespace booking::api

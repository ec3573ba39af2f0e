#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/looks.hpp"
#include "app/api/metrics.hpp"
#include "app/api/route_table.hpp"

namespace booking::api {

/// Bookings for those who work on them: the list, one with its story, and what is done to it.
class InboxEndpoints {
 public:
  InboxEndpoints(const AdminGate& gate, store::Store& store, Looks& looks, Metrics& metrics)
      : gate_{gate}, store_{store}, looks_{looks}, metrics_{metrics} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> list(const Request& request);
  boost::asio::awaitable<Response> show(const Request& request);
  boost::asio::awaitable<Response> move(const Request& request, core::Move what);
  /// The move refused as an answer; where another time is wanted, with the next that are free.
  boost::asio::awaitable<Response> refused(const Request& request, const store::Transition& command,
                                           store::MoveRefusal refusal);

  const AdminGate& gate_;
  store::Store& store_;
  Looks& looks_;
  Metrics& metrics_;
};

}  // namespace booking::api

#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/route_table.hpp"

namespace booking::api {

/// What is asked afterwards: the month's figures, a file of its bookings, who did what.
class RecordEndpoints {
 public:
  RecordEndpoints(const AdminGate& gate, store::Store& store) : gate_{gate}, store_{store} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> report(const Request& request);
  boost::asio::awaitable<Response> export_month(const Request& request);
  boost::asio::awaitable<Response> audit(const Request& request);
  boost::asio::awaitable<Response> verify(const Request& request);

  const AdminGate& gate_;
  store::Store& store_;
};

}  // namespace booking::api

#pragma once

#include "app/api/booking_desk.hpp"
#include "app/api/route_table.hpp"

namespace booking::api {

/// The guest's half of the API: when there can be visits, ask for one, look it up, answer an
/// estimate, change, cancel.
class GuestEndpoints {
 public:
  explicit GuestEndpoints(BookingDesk& desk) : desk_{desk} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> windows(const Request& request);
  boost::asio::awaitable<Response> create(const Request& request);
  boost::asio::awaitable<Response> lookup(const Request& request);
  boost::asio::awaitable<Response> move(const Request& request, core::Move what);

  BookingDesk& desk_;
};

}  // namespace booking::api

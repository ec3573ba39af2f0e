#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/looks.hpp"
#include "app/api/route_table.hpp"

#include <string>

namespace booking::api {

/// The plan: visits by time, who makes them, when the shop works and when there is room, and the
/// feed for other calendars.
class CalendarEndpoints {
 public:
  CalendarEndpoints(const AdminGate& gate, store::Store& store, Looks& looks, std::string business)
      : gate_{gate}, store_{store}, looks_{looks}, business_{std::move(business)} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> calendar(const Request& request);
  boost::asio::awaitable<Response> free_starts(const Request& request);
  boost::asio::awaitable<Response> opening_hours(const Request& request);
  boost::asio::awaitable<Response> set_opening_hours(const Request& request);
  boost::asio::awaitable<Response> technicians(const Request& request);
  boost::asio::awaitable<Response> set_technicians(const Request& request);
  boost::asio::awaitable<Response> new_feed(const Request& request);
  boost::asio::awaitable<Response> feed(const Request& request);

  const AdminGate& gate_;
  store::Store& store_;
  Looks& looks_;
  std::string business_;  // the feed's name
};

}  // namespace booking::api

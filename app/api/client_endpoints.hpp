#pragma once

#include "app/api/route_table.hpp"

namespace booking::api {

/// The admin's client: one page, its scripts and styles; and the font of all pages.
class ClientEndpoints {
 public:
  void add_to(RouteTable& routes);

 private:
  static boost::asio::awaitable<Response> page(const Request& request);
  static boost::asio::awaitable<Response> asset(const Request& request);
  static boost::asio::awaitable<Response> font(const Request& request);
};

}  // namespace booking::api

#pragma once

#include "app/api/booking_desk.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "app/web/form_data.hpp"
#include "app/web/pages.hpp"

#include <variant>

namespace booking::api {

/// The guest's pages: plain forms that need no script.
class PageEndpoints {
 public:
  PageEndpoints(const web::WebOptions& options, BookingDesk& desk)
      : options_{options}, desk_{desk} {}
  void add_to(RouteTable& routes);

  /// The page of a status, for those who read pages.
  Response error_page(const Problem& problem) const;

 private:
  boost::asio::awaitable<Response> request_form(const Request& request);
  boost::asio::awaitable<Response> submit_request(const Request& request);
  boost::asio::awaitable<Response> request_done(const Request& request);
  boost::asio::awaitable<Response> lookup_form(const Request& request);
  boost::asio::awaitable<Response> lookup(const Request& request);
  boost::asio::awaitable<Response> asset(const Request& request);

  /// The form's fields, or the page that says why they cannot be taken.
  std::variant<web::FormData, Response> read_form(const Request& request) const;

  const web::WebOptions& options_;
  BookingDesk& desk_;
};

}  // namespace booking::api

#pragma once

#include "app/api/booking_desk.hpp"
#include "app/api/page_endpoints.hpp"
#include "app/api/route_table.hpp"

namespace booking::api {

/// The pages of a guest who comes back: look a request up, answer an estimate, change, cancel, add
/// photos. Everything by POST, so that no number or name stands in a URL or a log.
class ManageEndpoints {
 public:
  ManageEndpoints(PageEndpoints& pages, BookingDesk& desk) : pages_{pages}, desk_{desk} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> lookup_form(const Request& request);
  boost::asio::awaitable<Response> lookup(const Request& request);
  boost::asio::awaitable<Response> lookup_by_name(const Request& request);
  boost::asio::awaitable<Response> manage(const Request& request);

  /// Looks the booking up and shows it under a message.
  boost::asio::awaitable<Response> show(const Request& request, web::LookupForm form,
                                        std::string proof, unsigned status, web::Notice notice);
  boost::asio::awaitable<Response> locked(const Request& request, web::LookupForm form,
                                          Locked found);
  /// What came of a move, or of photos; the key of its message in texts/.
  store::Awaitable<std::string_view> carry_out(const Request& request, const web::Multipart& data);
  store::Awaitable<std::string_view> move(const Request& request, const web::FormData& fields,
                                          core::Move what);
  store::Awaitable<std::string_view> add_photos(const web::Multipart& data);

  PageEndpoints& pages_;
  BookingDesk& desk_;
};

}  // namespace booking::api

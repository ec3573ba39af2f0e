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

  /// What came of what a guest did: the key of its message in texts/, and of a change that was not
  /// taken what was typed and why not.
  struct Said {
    std::string_view key{};
    web::RequestForm change{};
    std::vector<web::FieldFault> faults{};
  };

  /// Looks the booking up and shows it under a message.
  boost::asio::awaitable<Response> show(const Request& request, web::LookupForm form,
                                        std::string proof, unsigned status, Said said);
  boost::asio::awaitable<Response> locked(const Request& request, web::LookupForm form,
                                          Locked found);
  store::Awaitable<Said> carry_out(const Request& request, const web::Multipart& data);
  store::Awaitable<Said> move(const Request& request, const web::FormData& fields, core::Move what);
  Said not_changed(const Request& request, const web::FormData& fields,
                   const std::vector<core::FieldError>& errors) const;
  store::Awaitable<std::string_view> add_photos(const web::Multipart& data);

  PageEndpoints& pages_;
  BookingDesk& desk_;
};

}  // namespace booking::api

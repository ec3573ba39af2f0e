#pragma once

#include "app/api/booking_desk.hpp"
#include "app/api/photo_links.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "app/web/multipart.hpp"
#include "app/web/pages.hpp"

#include <variant>

namespace booking::api {

/// The guest's pages: plain forms that need no script. This half asks for a visit; ManageEndpoints
/// has the other one.
class PageEndpoints {
 public:
  PageEndpoints(const web::WebOptions& options, BookingDesk& desk, const PhotoLinks& links)
      : options_{options}, desk_{desk}, links_{links} {}
  void add_to(RouteTable& routes);

  /// The page of a status, for those who read pages.
  Response error_page(const Request& request, const Problem& problem) const;
  /// A form's fields and files, or the page that says why they cannot be taken.
  std::variant<web::Multipart, Response> read_form(const Request& request) const;
  web::View view_of(const Request& request) const;
  /// When the shop comes; nothing of it while that cannot be told.
  boost::asio::awaitable<web::DayOffer> days_for(const Request& request);

 private:
  boost::asio::awaitable<Response> request_form(const Request& request);
  boost::asio::awaitable<Response> take_request(const Request& request);
  boost::asio::awaitable<Response> send_request(const Request& request, web::RequestForm form,
                                                core::BookingRequest booking);
  boost::asio::awaitable<Response> request_done(const Request& request);
  boost::asio::awaitable<Response> asset(const Request& request);
  boost::asio::awaitable<Response> language(const Request& request);

  /// Keeps what came along and lists all there are in `form.photos`; the fault's key in texts/ when
  /// they cannot be kept.
  store::Awaitable<std::string_view> keep_photos(web::RequestForm& form,
                                                 const std::vector<web::FormFile>& files);

  const web::WebOptions& options_;
  BookingDesk& desk_;
  const PhotoLinks& links_;
};

}  // namespace booking::api

#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/looks.hpp"
#include "app/api/photo_links.hpp"
#include "app/api/route_table.hpp"
#include "app/store/store.hpp"
#include "app/web/multipart.hpp"

#include <optional>
#include <string>
#include <vector>

namespace booking::api {

inline constexpr std::size_t kLargestPhoto = 2 * 1024 * 1024;  // octets, as it comes in

/// The files of a form as photos fit to be kept; nothing when one of them is no JPEG, or too large.
std::optional<std::vector<store::PhotoUpload::New>> photos_of(
    const std::vector<web::FormFile>& files);

/// Where staff sees a photo.
std::string admin_photo_path(const core::BookingId& photo);

/// Shows photos to who has a signed address, and to staff.
class PhotoEndpoints {
 public:
  PhotoEndpoints(const AdminGate& gate, store::Store& store, Looks& looks, const PhotoLinks& links)
      : gate_{gate}, store_{store}, looks_{looks}, links_{links} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> show(const Request& request);
  boost::asio::awaitable<Response> show_to_staff(const Request& request);
  /// `looked`: who of the staff looks; null for who came by a signed address.
  boost::asio::awaitable<Response> photo(const Request& request, std::optional<core::BookingId> id,
                                         const store::Actor* looked);

  const AdminGate& gate_;
  store::Store& store_;
  Looks& looks_;
  const PhotoLinks& links_;
};

}  // namespace booking::api

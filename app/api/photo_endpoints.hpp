#pragma once

#include "app/api/photo_links.hpp"
#include "app/api/route_table.hpp"
#include "app/store/store.hpp"
#include "app/web/multipart.hpp"

#include <optional>
#include <vector>

namespace booking::api {

inline constexpr std::size_t kLargestPhoto = 2 * 1024 * 1024;  // octets, as it comes in

/// The files of a form as photos fit to be kept; nothing when one of them is no JPEG, or too large.
std::optional<std::vector<store::PhotoUpload::New>> photos_of(
    const std::vector<web::FormFile>& files);

/// Shows photos to who has a signed address.
class PhotoEndpoints {
 public:
  PhotoEndpoints(store::Store& store, const PhotoLinks& links) : store_{store}, links_{links} {}
  void add_to(RouteTable& routes);

 private:
  boost::asio::awaitable<Response> show(const Request& request);

  store::Store& store_;
  const PhotoLinks& links_;
};

}  // namespace booking::api

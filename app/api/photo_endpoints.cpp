#include "app/api/photo_endpoints.hpp"

#include "app/api/problem.hpp"
#include "app/media/jpeg.hpp"

namespace booking::api {

namespace asio = boost::asio;

std::optional<std::vector<store::PhotoUpload::New>> photos_of(
    const std::vector<web::FormFile>& files) {
  std::vector<store::PhotoUpload::New> photos;
  for (const auto& file : files) {
    if (file.content.size() > kLargestPhoto) return std::nullopt;
    auto stripped = media::strip_jpeg(file.content);
    auto* jpeg = std::get_if<media::Jpeg>(&stripped);
    if (jpeg == nullptr) return std::nullopt;
    photos.push_back({std::move(jpeg->octets), jpeg->width, jpeg->height});
  }
  return photos;
}

void PhotoEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/photos/{name}", [this](const Request& r) { return show(r); });
}

asio::awaitable<Response> PhotoEndpoints::show(const Request& request) {
  const auto id = links_.read(request.parameter, common::wall_now());
  const Problem missing{404, "no_such_resource", "there is nothing here", {}, {}};
  if (!id) co_return to_response(missing, request);
  auto content = co_await store_.photo_content(*id);
  if (!content) co_return to_response(store_problem(content.error()), request);
  if (!*content) co_return to_response(missing, request);
  Response response{200, {}, std::move(**content)};
  response.set("Content-Type", "image/jpeg");
  response.set("Content-Disposition", "inline; filename=\"photo.jpg\"");
  // A picture that is no picture after all may do nothing in a browser.
  response.set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
  response.set("Cache-Control", "private, max-age=3600, immutable");
  co_return response;
}

}  // namespace booking::api

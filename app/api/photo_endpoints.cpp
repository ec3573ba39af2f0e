#include "app/api/photo_endpoints.hpp"

#include "app/api/office_json.hpp"
#include "app/api/problem.hpp"
#include "app/media/jpeg.hpp"

namespace booking::api {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kAdminPhotos = "/api/v1/admin/photos/";

}  // namespace

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

std::string admin_photo_path(const core::BookingId& photo) {
  return std::string{kAdminPhotos} + to_text(photo);
}

void PhotoEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/photos/{name}", [this](const Request& r) { return show(r); });
  routes.add("GET", std::string{kAdminPhotos} + "{id}",
             [this](const Request& r) { return show_to_staff(r); });
}

asio::awaitable<Response> PhotoEndpoints::show(const Request& request) {
  co_return co_await photo(request, links_.read(request.parameter, common::wall_now()), nullptr);
}

asio::awaitable<Response> PhotoEndpoints::show_to_staff(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  co_return co_await photo(request, parse_id(request.parameter),
                           &std::get<Visitor>(admitted).actor);
}

asio::awaitable<Response> PhotoEndpoints::photo(const Request& request,
                                                std::optional<core::BookingId> id,
                                                const store::Actor* looked) {
  const Problem missing{404, "no_such_resource", "there is nothing here", {}, {}};
  if (!id) co_return to_response(missing, request);
  auto content = co_await store_.photo_content(*id);
  if (!content) co_return to_response(store_problem(content.error()), request);
  if (!*content) co_return to_response(missing, request);
  if (looked != nullptr && (*content)->booking)
    co_await looks_.at(*looked, "photo.view", (*content)->booking->text());
  Response response{200, {}, std::move((*content)->octets)};
  response.set("Content-Type", "image/jpeg");
  response.set("Content-Disposition", "inline; filename=\"photo.jpg\"");
  // A picture that is no picture after all may do nothing in a browser.
  response.set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
  // With staff not for long: a photo that was erased is not to be seen in a browser of the shop.
  response.set("Cache-Control",
               looked == nullptr ? "private, max-age=3600, immutable" : "private, max-age=60");
  co_return response;
}

}  // namespace booking::api

#include "app/api/client_endpoints.hpp"

#include "app/api/problem.hpp"
#include "app/web/fonts/font_files.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

/// Nothing inline, nothing from elsewhere. `data:` and `blob:`: the calendar's icons, a download.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

Response answer(const Request& request, const client::File& file) {
  Response response{request.field("If-None-Match") == file.etag ? 304U : 200U, {}, {}};
  response.set("Content-Type", file.content_type);
  response.set("ETag", file.etag);
  response.set("Vary", "Accept-Encoding");
  if (!file.coding.empty()) response.set("Content-Encoding", file.coding);
  if (response.status == 200) response.body = file.content;
  return response;
}

}  // namespace

Response kept_file(const Request& request, const client::File& file) {
  auto response = answer(request, file);
  response.set("Cache-Control", kForever);
  return response;
}

void ClientEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/admin", page);
  routes.add("GET", "/admin/", page);
  routes.add("GET", "/admin/assets/{name}", asset);
  routes.add("GET", "/fonts/{name}", font);
}

asio::awaitable<Response> ClientEndpoints::page(const Request& request) {
  const auto file = client::index_page(request.field("Accept-Encoding"));
  if (!file)
    co_return to_response({404, "no_such_resource", "bookd was built without it", {}, {}}, request);
  auto response = answer(request, *file);
  response.set("Cache-Control", "no-cache");
  response.set("Content-Security-Policy", kPolicy);
  co_return response;
}

asio::awaitable<Response> ClientEndpoints::font(const Request& request) {
  const auto file = fonts::find_font(request.parameter);
  if (!file) co_return co_await asset(request);  // of the release before
  Response response{200, {}, std::string{*file}};
  response.set("Content-Type", "font/woff2");
  response.set("Cache-Control", kForever);
  co_return response;
}

asio::awaitable<Response> ClientEndpoints::asset(const Request& request) {
  const auto file = client::find_asset(request.parameter, request.field("Accept-Encoding"));
  if (!file)
    co_return to_response({404, "no_such_resource", "there is nothing here", {}, {}}, request);
  co_return kept_file(request, *file);
}

}  // namespace booking::api

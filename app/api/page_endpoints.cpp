#include "app/api/page_endpoints.hpp"

#include "app/api/client_endpoints.hpp"
#include "app/api/consent_texts.hpp"
#include "app/api/day_offer.hpp"
#include "app/api/page_form.hpp"
#include "app/api/photo_endpoints.hpp"
#include "app/api/same_origin.hpp"
#include "app/auth/token.hpp"
#include "app/web/assets.hpp"
#include "app/web/qr.hpp"
#include "common/time.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace booking::api {
namespace {

namespace asio = boost::asio;

// A second press of the button waits for what the first one brings.
constexpr int kRunningTries = 15;
constexpr std::chrono::milliseconds kRunningPause{200};
constexpr std::chrono::hours kLanguageLifetime{24 * 365};

std::string fresh_key() { return auth::to_text(auth::random_token()); }

/// Who holds the form's key holds its photos. Nothing for a key that is not one of ours.
std::optional<store::TokenHash> draft_of_key(const std::string& key) {
  const auto token = auth::parse_token(key);
  if (!token) return std::nullopt;
  return auth::hash_token(*token);
}

}  // namespace

void PageEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/", [this](const Request& r) { return request_form(r); });
  routes.add_upload("POST", "/request", [this](const Request& r) { return take_request(r); });
  routes.add("GET", "/request/done", [this](const Request& r) { return request_done(r); });
  routes.add("GET", "/assets/{name}", [this](const Request& r) { return asset(r); });
  routes.add("GET", "/language/{code}", [this](const Request& r) { return language(r); });
}

web::View PageEndpoints::view_of(const Request& request) const {
  return {options_, language_of(request)};
}

asio::awaitable<Response> PageEndpoints::request_form(const Request& request) {
  web::RequestForm form;
  form.key = fresh_key();
  const auto days = co_await days_for(request);
  co_return html_response(200, web::request_page(view_of(request), form, {}, {}, days));
}

asio::awaitable<web::DayOffer> PageEndpoints::days_for(const Request& request) {
  const auto offer = co_await desk_.offer();
  if (!offer) co_return web::DayOffer{};
  co_return day_offer(**offer, language_of(request));
}

asio::awaitable<Response> PageEndpoints::take_request(const Request& request) {
  const auto read = read_form(request);
  if (const auto* refusal = std::get_if<Response>(&read)) co_return *refusal;
  const auto& data = std::get<web::Multipart>(read);
  const auto view = view_of(request);
  auto form = form_of(data.fields);
  if (!core::is_idempotency_key(form.key)) form.key = fresh_key();
  const auto photo_fault = co_await keep_photos(form, data.files);
  if (!photo_fault) co_return error_page(request, store_problem(photo_fault.error()));

  const auto offer = co_await desk_.offer();
  if (!offer) co_return error_page(request, store_problem(offer.error()));
  const auto days = day_offer(**offer, view.language);
  std::vector<std::size_t> rows;
  auto checked = core::validate(draft_of(form, rows), common::wall_now(), (*offer)->rules);
  auto faults = faults_of(checked.errors, rows, view.language);
  if (!photo_fault->empty())
    faults.push_back({"photos", std::string{web::text(view.language, *photo_fault)}});
  const auto step = data.fields.value("step");
  if (step == "edit") co_return html_response(200, web::request_page(view, form, {}, {}, days));
  if (!faults.empty())
    co_return html_response(400, web::request_page(view, form, faults, {"faults"}, days));
  if (step != "send") co_return html_response(200, web::review_page(view, form));
  co_return co_await send_request(request, std::move(form), std::move(*checked.request));
}

asio::awaitable<Response> PageEndpoints::send_request(const Request& request, web::RequestForm form,
                                                      core::BookingRequest booking) {
  const auto texts = consent_texts(language_of(request));
  asio::steady_timer pause{co_await asio::this_coro::executor};
  for (int i = 0; i < kRunningTries; ++i) {
    const auto outcome = co_await desk_.submit(booking, form.key, texts, draft_of_key(form.key));
    if (!outcome) co_return error_page(request, store_problem(outcome.error()));
    if (const auto* created = std::get_if<store::Created>(&*outcome))
      co_return redirect_after_post("/request/done?number=" + created->receipt.number.grouped());
    if (std::get<store::CreateRefusal>(*outcome) == store::CreateRefusal::KeyMismatch) {
      form.key = fresh_key();
      const auto days = co_await days_for(request);
      co_return html_response(409,
                              web::request_page(view_of(request), form, {}, {"sent_before"}, days));
    }
    pause.expires_after(kRunningPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return error_page(request, {503, "request_running", "", {}, std::chrono::seconds{1}});
}

store::Awaitable<std::string_view> PageEndpoints::keep_photos(
    web::RequestForm& form, const std::vector<web::FormFile>& files) {
  const auto draft = draft_of_key(form.key);
  if (!draft) co_return files.empty() ? std::string_view{} : std::string_view{"photo_fault"};
  std::string_view fault;
  if (!files.empty()) {
    auto photos = photos_of(files);
    if (!photos) {
      fault = "photo_fault";
    } else {
      store::PhotoUpload upload{
          .draft = draft, .photos = std::move(*photos), .now = common::wall_now()};
      const auto kept = co_await desk_.add_photos(std::move(upload));
      if (!kept) co_return kept.error();
      if (std::holds_alternative<store::PhotoRefusal>(*kept)) fault = "photo_many";
    }
  }
  const auto there = co_await desk_.photos_of_draft(*draft);
  if (!there) co_return there.error();
  const auto now = common::wall_now();
  for (const auto& photo : *there) form.photos.push_back(links_.url(photo.id, now));
  co_return fault;
}

/// The number in the query is no secret by itself: it opens nothing without the phone.
asio::awaitable<Response> PageEndpoints::request_done(const Request& request) {
  const auto number = core::BookingNumber::parse(request.query_value("number"));
  if (!number) co_return error_page(request, {404, "no_such_resource", "", {}, {}});
  const auto grouped = number->grouped();
  const auto code =
      options_.public_url.empty() ? grouped : options_.public_url + "/lookup?number=" + grouped;
  co_return html_response(200,
                          web::request_done_page(view_of(request), grouped, web::qr_svg(code)));
}

asio::awaitable<Response> PageEndpoints::asset(const Request& request) {
  auto found = web::find_asset(request.path);
  const bool is_kept = found.has_value();
  if (!found) {
    if (const auto before = client::find_asset(request.parameter, request.field("Accept-Encoding")))
      co_return kept_file(request, *before);
    found = web::find_stand_in(request.path);
  }
  if (!found) co_return error_page(request, {404, "no_such_resource", "", {}, {}});
  Response response{request.field("If-None-Match") == found->etag ? 304U : 200U, {}, {}};
  response.set("Content-Type", found->content_type);
  response.set("Cache-Control", is_kept ? kForever : "no-store");
  response.set("ETag", found->etag);
  response.set("Vary", "Accept-Encoding");
  if (response.status != 200) co_return response;
  const auto accepted = request.field("Accept-Encoding");
  if (!found->brotli.empty() && accepts_coding(accepted, "br")) {
    response.set("Content-Encoding", "br");
    response.body = found->brotli;
  } else if (!found->gzip.empty() && accepts_coding(accepted, "gzip")) {
    response.set("Content-Encoding", "gzip");
    response.body = found->gzip;
  } else {
    response.body = found->content;
  }
  co_return response;
}

asio::awaitable<Response> PageEndpoints::language(const Request& request) {
  const auto wanted = web::parse_language(request.parameter);
  if (!wanted) co_return error_page(request, {404, "no_such_resource", "", {}, {}});
  auto response = redirect_after_post("/");
  response.set("Set-Cookie", "lang=" + std::string{web::to_string(*wanted)} +
                                 "; Path=/; SameSite=Lax; Max-Age=" +
                                 std::to_string(std::chrono::seconds{kLanguageLifetime}.count()));
  co_return response;
}

std::variant<web::Multipart, Response> PageEndpoints::read_form(const Request& request) const {
  if (!is_same_origin(request)) return error_page(request, {403, "cross_origin", "", {}, {}});
  const auto type = request.media_type();
  if (type == "multipart/form-data") {
    auto data = web::read_multipart(request.body, web::boundary_of(request.field("Content-Type")));
    if (data) return std::move(*data);
  } else if (type == "application/x-www-form-urlencoded") {
    auto data = web::FormData::decode(request.body);
    if (data) return web::Multipart{std::move(*data), {}};
  } else {
    return error_page(request, {415, "form_expected", "", {}, {}});
  }
  return error_page(request, {400, "invalid_form", "", {}, {}});
}

Response PageEndpoints::error_page(const Request& request, const Problem& problem) const {
  const auto view = view_of(request);
  std::string kind{"error"};
  if (problem.status == 404 || problem.status == 413 || problem.status == 503)
    kind += '_' + std::to_string(problem.status);
  else if (problem.status >= 500)
    kind += "_500";
  auto response = html_response(problem.status,
                                web::message_page(view, web::text(view.language, kind + "_heading"),
                                                  web::text(view.language, kind + "_text")));
  if (problem.retry_after)
    response.set("Retry-After", std::to_string(problem.retry_after->count()));
  return response;
}

}  // namespace booking::api

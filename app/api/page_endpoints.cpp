#include "app/api/page_endpoints.hpp"

#include "app/api/same_origin.hpp"
#include "app/auth/token.hpp"
#include "app/core/booking_request.hpp"
#include "app/web/assets.hpp"
#include "common/time.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

namespace booking::api {
namespace {

namespace asio = boost::asio;

// A second press of the button waits for what the first one brings.
constexpr int kRunningTries = 15;
constexpr std::chrono::milliseconds kRunningPause{200};

std::string fresh_key() { return auth::to_text(auth::random_token()); }

web::RequestForm form_of(const web::FormData& data) {
  web::RequestForm form{.key = std::string{data.value("key")},
                        .service = std::string{data.value("service")},
                        .description = std::string{data.value("description")},
                        .address = std::string{data.value("address")},
                        .name = std::string{data.value("name")},
                        .phone = std::string{data.value("phone")},
                        .preferred = {}};
  for (std::size_t i = 0; i < form.preferred.size(); ++i) {
    form.preferred[i].date = data.value("date-" + std::to_string(i));
    form.preferred[i].window = data.value("window-" + std::to_string(i));
  }
  return form;
}

/// The form as a draft; rows without a day are none. `rows` says which row each of the draft's
/// windows came from.
core::BookingDraft draft_of(const web::RequestForm& form, std::vector<std::size_t>& rows) {
  core::BookingDraft draft{form.service, form.description, form.address, form.name, form.phone, {}};
  for (std::size_t i = 0; i < form.preferred.size(); ++i) {
    if (form.preferred[i].date.empty()) continue;
    draft.preferred.push_back({form.preferred[i].date, form.preferred[i].window});
    rows.push_back(i);
  }
  return draft;
}

/// Pointers into the draft as names of the form's fields: `/phone` → `phone`, `/preferred/0/date` →
/// `date-1` when the draft's first window stood in the form's second row.
std::vector<web::FieldFault> faults_of(const std::vector<core::FieldError>& errors,
                                       const std::vector<std::size_t>& rows) {
  constexpr std::string_view kPreferred = "/preferred/";
  std::vector<web::FieldFault> faults;
  for (const auto& error : errors) {
    std::string field = error.pointer.substr(error.pointer.empty() ? 0 : 1);
    if (error.pointer.starts_with(kPreferred) && error.pointer.size() > kPreferred.size()) {
      const auto index = static_cast<std::size_t>(error.pointer[kPreferred.size()] - '0');
      field = "date-" + std::to_string(index < rows.size() ? rows[index] : 0);
    }
    faults.push_back({std::move(field), error.korean});
  }
  return faults;
}

/// `2026년 12월 1일 10:00`, in Seoul.
std::string in_words(common::WallTime time) {
  const auto date = core::seoul_date(time);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time + core::kSeoulOffset);
  const auto of_day = minutes - std::chrono::floor<std::chrono::days>(minutes);
  const std::chrono::hh_mm_ss clock{of_day};
  return fmt::format("{}년 {}월 {}일 {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

web::FoundBooking found_of(const core::Booking& booking) {
  web::FoundBooking found{.number = booking.number.grouped(),
                          .status = std::string{core::to_string(booking.status)},
                          .service = std::string{core::to_string(booking.request.service)},
                          .created = in_words(booking.created),
                          .visit = {}};
  if (booking.visit)
    found.visit = fmt::format("{} (약 {}분)", in_words(booking.visit->start),
                              booking.visit->duration.count());
  return found;
}

}  // namespace

void PageEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/", [this](const Request& r) { return request_form(r); });
  routes.add("POST", "/request", [this](const Request& r) { return submit_request(r); });
  routes.add("GET", "/request/done", [this](const Request& r) { return request_done(r); });
  routes.add("GET", "/lookup", [this](const Request& r) { return lookup_form(r); });
  routes.add("POST", "/lookup", [this](const Request& r) { return lookup(r); });
  routes.add("GET", "/assets/{name}", [this](const Request& r) { return asset(r); });
}

asio::awaitable<Response> PageEndpoints::request_form(const Request& /*request*/) {
  web::RequestForm form;
  form.key = fresh_key();
  co_return html_response(200, web::request_page(options_, form, {}, web::Notice::None));
}

asio::awaitable<Response> PageEndpoints::submit_request(const Request& request) {
  const auto data = read_form(request);
  if (const auto* refusal = std::get_if<Response>(&data)) co_return *refusal;
  auto form = form_of(std::get<web::FormData>(data));
  if (!core::is_idempotency_key(form.key)) form.key = fresh_key();

  std::vector<std::size_t> rows;
  const auto checked = core::validate(draft_of(form, rows), common::wall_now());
  if (!checked.request)
    co_return html_response(400, web::request_page(options_, form, faults_of(checked.errors, rows),
                                                   web::Notice::Faults));

  asio::steady_timer pause{co_await asio::this_coro::executor};
  for (int i = 0; i < kRunningTries; ++i) {
    const auto outcome = co_await desk_.submit(*checked.request, form.key);
    if (!outcome) co_return error_page(store_problem(outcome.error()));
    if (const auto* created = std::get_if<store::Created>(&*outcome))
      co_return redirect_after_post("/request/done?number=" + created->receipt.number.grouped());
    if (std::get<store::CreateRefusal>(*outcome) == store::CreateRefusal::KeyMismatch) {
      form.key = fresh_key();
      co_return html_response(409, web::request_page(options_, form, {}, web::Notice::SentBefore));
    }
    pause.expires_after(kRunningPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return error_page({503, "request_running", "", {}, std::chrono::seconds{1}});
}

/// The number in the query is no secret by itself: it opens nothing without the phone.
asio::awaitable<Response> PageEndpoints::request_done(const Request& request) {
  const auto number = core::BookingNumber::parse(request.query_value("number"));
  if (!number) co_return error_page({404, "no_such_resource", "", {}, {}});
  co_return html_response(200, web::request_done_page(options_, number->grouped()));
}

asio::awaitable<Response> PageEndpoints::lookup_form(const Request& /*request*/) {
  co_return html_response(200, web::lookup_page(options_, {}, {}, web::Notice::None));
}

asio::awaitable<Response> PageEndpoints::lookup(const Request& request) {
  const auto data = read_form(request);
  if (const auto* refusal = std::get_if<Response>(&data)) co_return *refusal;
  const auto& fields = std::get<web::FormData>(data);
  const web::LookupForm form{std::string{fields.value("number")},
                             std::string{fields.value("phone")}};
  std::vector<web::FieldFault> faults;
  if (form.number.empty()) faults.push_back({"number", "신청 번호를 적어 주세요."});
  if (form.phone.empty()) faults.push_back({"phone", "휴대전화 번호를 적어 주세요."});
  if (!faults.empty())
    co_return html_response(400, web::lookup_page(options_, form, faults, web::Notice::Faults));
  const auto found = co_await desk_.find(form.number, form.phone);
  if (!found) co_return error_page(store_problem(found.error()));
  if (!*found)
    co_return html_response(404, web::lookup_page(options_, form, {}, web::Notice::NotFound));
  co_return html_response(200, web::lookup_found_page(options_, found_of(**found)));
}

asio::awaitable<Response> PageEndpoints::asset(const Request& request) {
  const auto found = web::find_asset(request.path);
  if (!found) co_return error_page({404, "no_such_resource", "", {}, {}});
  Response response{request.field("If-None-Match") == found->etag ? 304U : 200U, {}, {}};
  response.set("Content-Type", found->content_type);
  response.set("Cache-Control", "public, max-age=31536000, immutable");
  response.set("ETag", found->etag);
  if (response.status == 200) response.body = found->content;
  co_return response;
}

std::variant<web::FormData, Response> PageEndpoints::read_form(const Request& request) const {
  if (!is_same_origin(request)) return error_page({403, "cross_origin", "", {}, {}});
  if (request.media_type() != "application/x-www-form-urlencoded")
    return error_page({415, "form_expected", "", {}, {}});
  auto data = web::FormData::decode(request.body);
  if (!data) return error_page({400, "invalid_form", "", {}, {}});
  return std::move(*data);
}

Response PageEndpoints::error_page(const Problem& problem) const {
  std::string_view heading = "요청을 처리할 수 없습니다";
  std::string_view text = "입력한 내용이나 주소를 확인하고 다시 시도해 주세요.";
  if (problem.status == 404) {
    heading = "찾으시는 페이지가 없습니다";
    text = "주소를 확인하시거나 처음 화면에서 다시 시작해 주세요.";
  } else if (problem.status == 503) {
    heading = "잠시 후 다시 시도해 주세요";
    text =
        "지금은 처리하지 못했습니다. 뒤로 가서 다시 보내셔도 한 번만 접수됩니다. "
        "급하시면 전화해 주세요.";
  } else if (problem.status >= 500) {
    heading = "문제가 생겼습니다";
    text = "저희 쪽 문제입니다. 잠시 후 다시 시도해 주세요.";
  }
  auto response = html_response(problem.status, web::message_page(options_, heading, text));
  if (problem.retry_after)
    response.set("Retry-After", std::to_string(problem.retry_after->count()));
  return response;
}

}  // namespace booking::api

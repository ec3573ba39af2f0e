#include "app/api/calendar_endpoints.hpp"

#include "app/api/calendar_json.hpp"
#include "app/api/office_json.hpp"
#include "app/api/once.hpp"
#include "app/api/preconditions.hpp"
#include "app/api/query.hpp"
#include "app/auth/token.hpp"
#include "app/store/shown_version.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;
using std::chrono::days;

constexpr std::size_t kMostStarts = 6;
constexpr days kFarthestClaim{60};
// What a calendar program is told of: no more than people look back and plan ahead.
constexpr days kFeedBack{30};
constexpr days kFeedAhead{180};

/// Its first and last day, as the audit log keeps them.
std::string days_of(const store::Period& period) {
  const auto day = [](common::WallTime time) { return core::format_rfc3339(time).substr(0, 10); };
  return day(period.from) + ' ' + day(period.to - std::chrono::microseconds{1});
}

}  // namespace

void CalendarEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/api/v1/admin/calendar", [this](const Request& r) { return calendar(r); });
  routes.add("GET", "/api/v1/admin/free-starts",
             [this](const Request& r) { return free_starts(r); });
  routes.add("GET", "/api/v1/admin/opening-hours",
             [this](const Request& r) { return opening_hours(r); });
  routes.add("PUT", "/api/v1/admin/opening-hours",
             [this](const Request& r) { return set_opening_hours(r); });
  routes.add("GET", "/api/v1/admin/technicians",
             [this](const Request& r) { return technicians(r); });
  routes.add("PUT", "/api/v1/admin/technicians",
             [this](const Request& r) { return set_technicians(r); });
  routes.add("POST", "/api/v1/admin/calendar-feed",
             [this](const Request& r) { return new_feed(r); });
  routes.add("GET", "/calendar/{token}/visits.ics", [this](const Request& r) { return feed(r); });
}

asio::awaitable<Response> CalendarEndpoints::calendar(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto query = query_of(request);
  if (const auto* problem = std::get_if<Problem>(&query)) co_return to_response(*problem, request);
  const auto read = period_of(std::get<web::FormData>(query));
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto& period = std::get<store::Period>(read);
  if (period.to - period.from > days{kMostDays})
    co_return to_response(query_problem("at most 62 days at once"), request);
  auto visits = co_await store_.office().visits(period);
  if (!visits) co_return to_response(store_problem(visits.error()), request);
  auto anew = co_await store_.office().wished_anew(promised(*visits));
  if (!anew) co_return to_response(store_problem(anew.error()), request);
  auto technicians = co_await store_.office().technicians();
  if (!technicians) co_return to_response(store_problem(technicians.error()), request);
  const auto hours = co_await store_.office().calendar();
  if (!hours) co_return to_response(store_problem(hours.error()), request);
  auto subject = days_of(period);
  auto names = names_of(*visits);
  co_await looks_.at_list(std::get<Visitor>(admitted).actor, "calendar.list", std::move(subject),
                          std::move(names));
  auto view = calendar_view(std::move(*visits), std::move(*technicians), hours->rules, period);
  view.wished_anew = std::move(*anew);
  co_return json_response(200, calendar_json(view));
}

asio::awaitable<Response> CalendarEndpoints::free_starts(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto query = query_of(request);
  if (const auto* problem = std::get_if<Problem>(&query)) co_return to_response(*problem, request);
  const auto& words = std::get<web::FormData>(query);
  const auto now = common::wall_now();
  auto from = core::parse_rfc3339(std::string{words.value("from")});
  const auto minutes = number_of(words.value("duration_minutes"));
  const std::string technician{words.value("technician")};
  if (!from || !minutes || *minutes < core::kShortestVisit.count() ||
      *minutes > core::kLongestVisit.count() || technician.empty())
    co_return to_response(query_problem("technician, duration_minutes and from are needed"),
                          request);
  if (*from < now) from = now;
  store::ClaimQuery claims{technician, *from, *from + kFarthestClaim};
  const auto taken = co_await store_.claims(std::move(claims));
  if (!taken) co_return to_response(store_problem(taken.error()), request);
  const auto hours = co_await store_.office().calendar();
  if (!hours) co_return to_response(store_problem(hours.error()), request);
  co_return json_response(
      200, starts_json(core::free_starts(hours->rules, *taken, std::chrono::minutes{*minutes},
                                         *from, now, kMostStarts)));
}

asio::awaitable<Response> CalendarEndpoints::opening_hours(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto hours = co_await store_.office().calendar();
  if (!hours) co_return to_response(store_problem(hours.error()), request);
  auto response =
      json_response(200, shop_calendar_json(*hours, core::seoul_date(common::wall_now())));
  response.set("ETag", etag_of(hours->version));
  co_return response;
}

asio::awaitable<Response> CalendarEndpoints::set_opening_hours(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true, .owner = true, .json = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  const auto read = read_calendar(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto checked = core::validate(std::get<core::CalendarDraft>(read));
  if (!checked.rules) co_return to_response(fields_problem(std::move(checked.errors)), request);
  store::CalendarChange change{std::move(*checked.rules),
                               std::get<std::optional<std::int64_t>>(version),
                               std::get<Visitor>(admitted).actor, common::wall_now()};
  const auto set = co_await store_.office().set_calendar(std::move(change));
  if (!set) co_return to_response(store_problem(set.error()), request);
  const auto* now_at = std::get_if<std::int64_t>(&*set);
  if (now_at == nullptr)
    co_return to_response(stale_problem("the opening hours changed since they were read"), request);
  Response response{204, {}, {}};
  response.set("ETag", etag_of(*now_at));
  co_return response;
}

asio::awaitable<Response> CalendarEndpoints::technicians(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto names = co_await store_.office().technicians();
  if (!names) co_return to_response(store_problem(names.error()), request);
  auto response = json_response(200, technicians_json(*names));
  response.set("ETag", etag_of(store::version_of(*names)));
  co_return response;
}

asio::awaitable<Response> CalendarEndpoints::set_technicians(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true, .owner = true, .json = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  auto read = read_technicians(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  store::TechniciansChange change{std::move(std::get<std::vector<std::string>>(read)),
                                  std::get<std::optional<std::int64_t>>(version),
                                  std::get<Visitor>(admitted).actor, common::wall_now()};
  const auto set = co_await store_.office().set_technicians(std::move(change));
  if (!set) co_return to_response(store_problem(set.error()), request);
  const auto* now_at = std::get_if<std::int64_t>(&*set);
  if (now_at == nullptr)
    co_return to_response(stale_problem("the technicians changed since they were read"), request);
  Response response{204, {}, {}};
  response.set("ETag", etag_of(*now_at));
  co_return response;
}

asio::awaitable<Response> CalendarEndpoints::new_feed(const Request& request) {
  auto taken =
      co_await take_turn(request, gate_, store_, {.csrf = true, .owner = true, .fresh = true});
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  const auto token = auth::random_token();
  once.status = 200;
  once.body = path_json("/calendar/" + auth::to_text(token) + "/visits.ics");
  const auto set = co_await store_.office().set_feed(auth::hash_token(token), visitor.actor, once);
  if (!set) co_return to_response(store_problem(set.error()), request);
  if (auto told = told_before(*set, request)) co_return std::move(*told);
  co_return answer_of(once);
}

/// The secret is in the path because calendar programs know nothing else. Neither our log nor lbd's
/// metrics hold paths; who keeps an access log in front of us knows now.
asio::awaitable<Response> CalendarEndpoints::feed(const Request& request) {
  const auto token = auth::parse_token(request.parameter);
  common::Result<store::Outcome> known{store::Outcome::Refused};
  if (token) known = co_await store_.office().knows_feed(auth::hash_token(*token));
  if (!known) co_return to_response(store_problem(known.error()), request);
  if (*known == store::Outcome::Refused)
    co_return to_response({404, "no_such_resource", "there is nothing here", {}, {}}, request);
  const auto now = common::wall_now();
  const store::Period period{now - kFeedBack, now + kFeedAhead};
  const auto visits = co_await store_.office().visits(period);
  if (!visits) co_return to_response(store_problem(visits.error()), request);
  const store::Actor subscriber{"calendar feed", request.client.to_string()};
  auto names = names_of(*visits);
  co_await looks_.at_list(subscriber, "feed.list", "calendar", std::move(names));
  Response response{200, {}, visits_calendar(business_, *visits)};
  response.set("Content-Type", "text/calendar; charset=utf-8");
  response.set("Content-Disposition", "attachment; filename=\"visits.ics\"");
  co_return response;
}

}  // namespace booking::api

#include "app/api/admin_endpoints.hpp"

#include "app/api/booking_json.hpp"
#include "app/api/guest_endpoints.hpp"
#include "app/api/json_body.hpp"
#include "app/auth/lockout.hpp"
#include "app/auth/password.hpp"
#include "app/auth/token.hpp"
#include "common/log.hpp"

#include <algorithm>
#include <charconv>

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.api"};
constexpr std::chrono::seconds kRetryLogin{1};

std::string session_cookie(const Request& request, std::string_view value,
                           std::chrono::seconds lifetime) {
  std::string cookie{"session="};
  cookie.append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  cookie.append(std::to_string(lifetime.count()));
  if (request.secure) cookie.append("; Secure");
  return cookie;
}

std::optional<std::size_t> read_limit(std::string_view text) {
  std::size_t limit = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, limit);
  if (error != std::errc{} || stop != end || limit < 1 || limit > store::kMaxPage)
    return std::nullopt;
  return limit;
}

Problem query_problem(std::string detail) {
  return {400, "invalid_query", std::move(detail), {}, {}};
}

/// `?status=&limit=&cursor=`, each of them optional.
std::variant<store::BookingQuery, Problem> read_query(const Request& request) {
  store::BookingQuery query;
  if (const auto status = request.query_value("status"); !status.empty()) {
    query.status = core::parse_status(status);
    if (!query.status) return query_problem("status is not one of the known words");
  }
  if (const auto limit = request.query_value("limit"); !limit.empty()) {
    const auto number = read_limit(limit);
    if (!number) return query_problem("limit must be 1 to " + std::to_string(store::kMaxPage));
    query.limit = *number;
  }
  if (const auto cursor = request.query_value("cursor"); !cursor.empty()) {
    query.after = store::parse_cursor(cursor);
    if (!query.after) return query_problem("cursor is not one that was given out");
  }
  return query;
}

}  // namespace

void AdminEndpoints::add_to(RouteTable& routes) {
  routes.add("POST", "/api/v1/admin/login", [this](const Request& r) { return login(r); });
  routes.add("POST", "/api/v1/admin/logout", [this](const Request& r) { return logout(r); });
  routes.add("GET", "/api/v1/admin/bookings", [this](const Request& r) { return list(r); });
  routes.add("POST", "/api/v1/admin/bookings/{number}/approve",
             [this](const Request& r) { return approve(r); });
}

asio::awaitable<Response> AdminEndpoints::login(const Request& request) {
  if (auto refusal = refuse_unless_json(request)) co_return std::move(*refusal);
  auto read = read_credentials(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& given = std::get<Credentials>(read);
  const auto account =
      std::ranges::find(options_.accounts, given.username, &AdminAccount::username);
  const bool known = account != options_.accounts.end();

  // Counted by the user's name only when there is such a user: strangers fill no table with names.
  std::vector<std::string> subjects{"address:" + request.client.to_string()};
  if (known) subjects.push_back("user:" + account->username);
  const auto wait = co_await wait_of(subjects);
  if (!wait) co_return to_response(store_problem(wait.error()), request);
  if (wait->count() > 0) {
    metrics_.on_login("locked");
    co_return to_response({429, "login_locked", "too many failed tries; wait", {}, *wait}, request);
  }

  auto hash = known ? account->password_hash : auth::decoy_hash();
  const auto right = co_await passwords_.check(std::move(hash), std::move(given.password));
  if (!right) {
    metrics_.on_login("overloaded");
    co_return to_response({503, "overloaded", "too many tries at once", {}, kRetryLogin}, request);
  }
  if (!known || !*right) {
    for (const auto& subject : subjects)
      if (const auto recorded = co_await store_.record_login_failure(subject, common::wall_now(),
                                                                     auth::kFailureMemory);
          !recorded)
        co_return to_response(store_problem(recorded.error()), request);
    metrics_.on_login("wrong");
    kLog.info("login failed", {{"request_id", request.id}, {"client", request.client.to_string()}});
    co_return to_response({401, "wrong_credentials", "username or password is wrong", {}, {}},
                          request);
  }

  for (const auto& subject : subjects)
    if (const auto cleared = co_await store_.clear_login_failures(subject); !cleared)
      co_return to_response(store_problem(cleared.error()), request);
  const auto token = auth::random_token();
  const auto begun = co_await begin_session(request, account->username, auth::hash_token(token));
  if (!begun) co_return to_response(store_problem(begun.error()), request);
  metrics_.on_login("ok");
  auto response = json_response(200, csrf_json(auth::csrf_token(token)));
  response.set("Set-Cookie",
               session_cookie(request, auth::to_text(token), options_.session_lifetime));
  co_return response;
}

asio::awaitable<Response> AdminEndpoints::logout(const Request& request) {
  const auto session = co_await authorise(request, true);
  if (const auto* problem = std::get_if<Problem>(&session))
    co_return to_response(*problem, request);
  const auto& known = std::get<Session>(session);
  const auto gone =
      co_await store_.delete_session(known.stored.token_hash, known.actor, common::wall_now());
  if (!gone) co_return to_response(store_problem(gone.error()), request);
  Response response{204, {}, {}};
  response.set("Set-Cookie", session_cookie(request, "", std::chrono::seconds{0}));
  co_return response;
}

asio::awaitable<Response> AdminEndpoints::list(const Request& request) {
  const auto session = co_await authorise(request, false);
  if (const auto* problem = std::get_if<Problem>(&session))
    co_return to_response(*problem, request);
  const auto query = read_query(request);
  if (const auto* problem = std::get_if<Problem>(&query)) co_return to_response(*problem, request);
  const auto page = co_await store_.list_bookings(std::get<store::BookingQuery>(query));
  if (!page) co_return to_response(store_problem(page.error()), request);
  co_return json_response(200, page_json(*page));
}

asio::awaitable<Response> AdminEndpoints::approve(const Request& request) {
  const auto session = co_await authorise(request, true);
  if (const auto* problem = std::get_if<Problem>(&session))
    co_return to_response(*problem, request);
  if (auto refusal = refuse_unless_json(request)) co_return std::move(*refusal);
  const auto number = core::BookingNumber::parse(request.parameter);
  if (!number) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  const auto read = read_visit(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto now = common::wall_now();
  auto checked = core::validate(std::get<core::VisitDraft>(read), now);
  if (!checked.visit) co_return to_response(fields_problem(std::move(checked.errors)), request);

  const auto& actor = std::get<Session>(session).actor;
  store::Transition command{.number = *number,
                            .move = core::Move::Approve,
                            .visit = std::move(checked.visit),
                            .actor = actor,
                            .now = now};
  const auto outcome = co_await store_.move(std::move(command));
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (const auto* refusal = std::get_if<store::MoveRefusal>(&*outcome)) {
    if (*refusal == store::MoveRefusal::SlotTaken) metrics_.on_slot_conflict();
    co_return to_response(move_problem(*refusal), request);
  }
  metrics_.on_booking("approved");
  kLog.info("booking approved", {{"number", number->grouped()}, {"by", actor.name}});
  co_return json_response(200, booking_json(std::get<store::Moved>(*outcome).booking));
}

asio::awaitable<std::variant<AdminEndpoints::Session, Problem>> AdminEndpoints::authorise(
    const Request& request, bool changes) {
  const auto token = auth::parse_token(request.cookie("session"));
  if (!token) co_return Problem{401, "session_required", "log in first", {}, {}};
  const auto hash = auth::hash_token(*token);
  auto session = co_await store_.find_session(hash, common::wall_now());
  if (!session) co_return store_problem(session.error());
  if (!*session) co_return Problem{401, "session_required", "log in first", {}, {}};
  if (changes && !auth::same_secret(request.field("X-CSRF-Token"), auth::csrf_token(*token)))
    co_return Problem{403, "csrf_token_wrong", "X-CSRF-Token is not this session's", {}, {}};
  store::Actor actor{(*session)->username, request.client.to_string()};
  co_return Session{std::move(**session), std::move(actor)};
}

store::Awaitable<std::chrono::seconds> AdminEndpoints::wait_of(std::vector<std::string> subjects) {
  std::chrono::seconds longest{0};
  for (const auto& subject : subjects) {
    const auto failures = co_await store_.read_login_failures(subject);
    if (!failures) co_return failures.error();
    longest =
        std::max(longest, auth::lockout_wait(failures->count, failures->last, common::wall_now()));
  }
  co_return longest;
}

store::Awaitable<store::Done> AdminEndpoints::begin_session(const Request& request,
                                                            std::string username,
                                                            store::TokenHash token_hash) {
  const auto now = common::wall_now();
  store::Actor actor{username, request.client.to_string()};
  store::AdminSession session{token_hash, std::move(username), now,
                              now + options_.session_lifetime};
  co_return co_await store_.create_session(std::move(session), std::move(actor));
}

}  // namespace booking::api

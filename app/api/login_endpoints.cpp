#include "app/api/login_endpoints.hpp"

#include "app/api/admin_json.hpp"
#include "app/api/json_body.hpp"
#include "app/api/preconditions.hpp"
#include "app/auth/lockout.hpp"
#include "app/auth/password.hpp"
#include "app/auth/recovery_code.hpp"
#include "app/auth/token.hpp"
#include "app/auth/totp.hpp"
#include "app/privacy/hex.hpp"
#include "common/log.hpp"

#include <algorithm>
#include <span>

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.api"};
constexpr std::chrono::seconds kRetryLogin{1};
constexpr std::size_t kLongestAgent = 120;  // octets of a User-Agent that are kept

std::string session_cookie(const Request& request, std::string_view value,
                           std::chrono::seconds lifetime) {
  std::string cookie{"session="};
  cookie.append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  cookie.append(std::to_string(lifetime.count()));
  if (request.secure) cookie.append("; Secure");
  return cookie;
}

/// A User-Agent as it may be stored and shown: printable ASCII.
std::string agent_of(const Request& request) {
  std::string agent;
  for (const char c : request.field("User-Agent").substr(0, kLongestAgent))
    agent += c >= ' ' && c < '\x7f' ? c : '?';
  return agent;
}

}  // namespace

void LoginEndpoints::add_to(RouteTable& routes) {
  routes.add("POST", "/api/v1/admin/login", [this](const Request& r) { return login(r); });
  routes.add("POST", "/api/v1/admin/logout", [this](const Request& r) { return logout(r); });
  routes.add("GET", "/api/v1/admin/session", [this](const Request& r) { return session(r); });
  routes.add("POST", "/api/v1/admin/reauthenticate",
             [this](const Request& r) { return reauthenticate(r); });
}

asio::awaitable<Response> LoginEndpoints::login(const Request& request) {
  if (const auto problem = unless_json(request)) co_return to_response(*problem, request);
  auto read = read_credentials(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto& given = std::get<Credentials>(read);
  if (const auto problem = co_await verify(request, given))
    co_return to_response(*problem, request);

  const auto token = auth::random_token();
  const auto now = common::wall_now();
  store::Actor actor{given.username, request.client.to_string()};
  store::AdminSession made{.token_hash = auth::hash_token(token),
                           .username = given.username,
                           .created = now,
                           .expires = now + options_.session_lifetime,
                           .address = actor.address,
                           .agent = agent_of(request),
                           .verified = now,
                           .role = std::nullopt};
  const auto begun = co_await store_.accounts().create_session(std::move(made), std::move(actor));
  if (!begun) co_return to_response(store_problem(begun.error()), request);
  metrics_.on_login("ok");
  auto response = json_response(200, csrf_json(auth::csrf_token(token)));
  response.set("Set-Cookie",
               session_cookie(request, auth::to_text(token), options_.session_lifetime));
  co_return response;
}

asio::awaitable<Response> LoginEndpoints::logout(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  const auto gone = co_await store_.accounts().delete_session(
      visitor.session.token_hash, std::nullopt, visitor.actor, common::wall_now());
  if (!gone) co_return to_response(store_problem(gone.error()), request);
  Response response{204, {}, {}};
  response.set("Set-Cookie", session_cookie(request, "", std::chrono::seconds{0}));
  co_return response;
}

asio::awaitable<Response> LoginEndpoints::session(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  const auto factor = co_await store_.accounts().find_second_factor(visitor.session.username);
  if (!factor) co_return to_response(store_problem(factor.error()), request);
  co_return json_response(
      200, visitor_json(visitor, gate_.configured(visitor.session.username) != nullptr, *factor));
}

asio::awaitable<Response> LoginEndpoints::reauthenticate(const Request& request) {
  const auto admitted = co_await gate_.admit(request, kChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  auto read = read_password_again(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  auto& given = std::get<Credentials>(read);
  given.username = visitor.session.username;
  if (const auto problem = co_await verify(request, given))
    co_return to_response(*problem, request);
  const auto noted = co_await store_.accounts().verify_session(visitor.session.token_hash,
                                                               visitor.actor, common::wall_now());
  if (!noted) co_return to_response(store_problem(noted.error()), request);
  co_return Response{204, {}, {}};
}

asio::awaitable<std::optional<Problem>> LoginEndpoints::verify(const Request& request,
                                                               Credentials given) {
  std::optional<std::string> hash;
  if (const auto* account = gate_.configured(given.username)) {
    hash = account->password_hash;
  } else if (auth::is_username(given.username)) {
    const auto found = co_await store_.accounts().find_account(given.username);
    if (!found) co_return store_problem(found.error());
    if (*found && !(*found)->disabled) hash = (*found)->password_hash;
  }

  std::vector<std::string> subjects{"address:" + request.client.to_string(),
                                    hash ? "user:" + given.username : stranger(given.username)};
  const auto wait = co_await wait_of(subjects);
  if (!wait) co_return store_problem(wait.error());
  if (wait->count() > 0) {
    metrics_.on_login("locked");
    co_return Problem{429, "login_locked", "too many failed tries; wait", {}, *wait};
  }

  const auto right =
      co_await passwords_.check(hash ? *hash : auth::decoy_hash(), std::move(given.password));
  if (!right) {
    metrics_.on_login("overloaded");
    co_return Problem{503, "overloaded", "too many tries at once", {}, kRetryLogin};
  }
  // Arguments of what is awaited have names: GCC 12 destroys such temporaries twice.
  if (!hash || !*right) {
    Problem why{401, "wrong_credentials", "username or password is wrong", {}, {}};
    co_return co_await refused(request, std::move(subjects), std::move(why));
  }
  if (auto problem = co_await verify_factor(request, given)) {
    if (problem->code != "wrong_code") co_return problem;
    co_return co_await refused(request, std::move(subjects), std::move(*problem));
  }

  for (const auto& subject : subjects)
    if (const auto cleared = co_await store_.clear_login_failures(subject); !cleared)
      co_return store_problem(cleared.error());
  co_return std::nullopt;
}

/// One of 65,536 places, so that strangers fill no table with names. Without it a name that is
/// locked wherever one comes from would be one that has an account.
std::string LoginEndpoints::stranger(std::string_view username) const {
  const auto index = vault_.index("login", username);
  return "stranger:" + privacy::to_hex(std::span{index}.first<2>());
}

asio::awaitable<std::optional<Problem>> LoginEndpoints::verify_factor(const Request& request,
                                                                      const Credentials& given) {
  const auto factor = co_await store_.accounts().find_second_factor(given.username);
  if (!factor) co_return store_problem(factor.error());
  if (!*factor || !(*factor)->confirmed) co_return std::nullopt;
  if (given.code.empty()) {
    metrics_.on_login("code_required");
    co_return Problem{401, "code_required", "the authenticator's code is needed as well", {}, {}};
  }
  const auto now = common::wall_now();
  store::UseFactor use{given.username, 0, {}, {given.username, request.client.to_string()}, now};
  const auto step = auth::match_totp((*factor)->secret, given.code, now, (*factor)->last_step);
  if (step) {
    use.step = *step;
  } else {
    use.recovery = auth::hash_recovery_code(given.code);
    if (!use.recovery) co_return Problem{401, "wrong_code", "this code does not open", {}, {}};
  }
  const auto opened = co_await store_.accounts().use_second_factor(std::move(use));
  if (!opened) co_return store_problem(opened.error());
  if (*opened == store::Outcome::Refused)
    co_return Problem{401, "wrong_code", "this code does not open", {}, {}};
  co_return std::nullopt;
}

asio::awaitable<Problem> LoginEndpoints::refused(const Request& request,
                                                 std::vector<std::string> subjects, Problem why) {
  for (const auto& subject : subjects)
    if (const auto recorded =
            co_await store_.record_login_failure(subject, common::wall_now(), auth::kFailureMemory);
        !recorded)
      co_return store_problem(recorded.error());
  metrics_.on_login("wrong");
  kLog.info("login failed", {{"request_id", request.id}, {"client", request.client.to_string()}});
  co_return why;
}

store::Awaitable<std::chrono::seconds> LoginEndpoints::wait_of(
    const std::vector<std::string>& subjects) {
  std::chrono::seconds longest{0};
  for (const auto& subject : subjects) {
    const auto failures = co_await store_.read_login_failures(subject);
    if (!failures) co_return failures.error();
    longest =
        std::max(longest, auth::lockout_wait(failures->count, failures->last, common::wall_now()));
  }
  co_return longest;
}

}  // namespace booking::api

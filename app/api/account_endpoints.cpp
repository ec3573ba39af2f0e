#include "app/api/account_endpoints.hpp"

#include "app/api/admin_json.hpp"
#include "app/api/once.hpp"
#include "app/api/preconditions.hpp"
#include "app/auth/password.hpp"
#include "app/auth/recovery_code.hpp"
#include "app/auth/token.hpp"
#include "app/auth/totp.hpp"
#include "app/web/qr.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kRetryHash{1};
/// Octets of an address that a telephone still reads from a screen, and an answer has room for.
constexpr std::size_t kLongestCoded = 1000;
const Response kDone{204, {}, {}};

Problem account_not_found() {
  return {404, "account_not_found", "there is no such account", {}, {}};
}

Response refusal_answer(store::AccountRefusal refusal, const Request& request) {
  if (refusal == store::AccountRefusal::NotFound) return to_response(account_not_found(), request);
  if (refusal == store::AccountRefusal::LastOwner)
    return to_response({409, "last_owner", "one owner has to stay", {}, {}}, request);
  return to_response(stale_problem("the account changed since it was read"), request);
}

}  // namespace

void AccountEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/api/v1/admin/sessions",
             [this](const Request& r) { return list_sessions(r); });
  routes.add("DELETE", "/api/v1/admin/sessions/{id}",
             [this](const Request& r) { return revoke_session(r); });
  routes.add("POST", "/api/v1/admin/second-factor",
             [this](const Request& r) { return begin_factor(r); });
  routes.add("POST", "/api/v1/admin/second-factor/confirm",
             [this](const Request& r) { return confirm_factor(r); });
  routes.add("DELETE", "/api/v1/admin/second-factor",
             [this](const Request& r) { return remove_factor(r); });
  routes.add("POST", "/api/v1/admin/password",
             [this](const Request& r) { return change_password(r); });
  routes.add("GET", "/api/v1/admin/accounts",
             [this](const Request& r) { return list_accounts(r); });
  routes.add("POST", "/api/v1/admin/accounts", [this](const Request& r) { return add_account(r); });
  routes.add("PATCH", "/api/v1/admin/accounts/{username}",
             [this](const Request& r) { return change_account(r); });
}

/// One's own sessions; an owner sees everybody's.
asio::awaitable<Response> AccountEndpoints::list_sessions(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  std::optional<std::string> of;
  if (visitor.role != store::Role::Owner) of = visitor.session.username;
  const auto sessions = co_await store_.accounts().list_sessions(of, common::wall_now());
  if (!sessions) co_return to_response(store_problem(sessions.error()), request);
  co_return json_response(200, sessions_json(*sessions, visitor.session.token_hash));
}

asio::awaitable<Response> AccountEndpoints::revoke_session(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  std::optional<std::string> of;
  if (visitor.role != store::Role::Owner) of = visitor.session.username;
  const auto id = auth::parse_token(request.parameter);
  common::Result<store::Outcome> gone{store::Outcome::Refused};
  if (id)
    gone = co_await store_.accounts().delete_session(*id, of, visitor.actor, common::wall_now());
  if (!gone) co_return to_response(store_problem(gone.error()), request);
  if (*gone == store::Outcome::Refused)
    co_return to_response({404, "session_not_found", "there is no such session", {}, {}}, request);
  co_return kDone;
}

asio::awaitable<Response> AccountEndpoints::begin_factor(const Request& request) {
  auto taken = co_await take_turn(request, gate_, store_, {.csrf = true, .fresh = true});
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  const auto& username = visitor.session.username;
  const auto secret = auth::random_totp_secret();
  once.status = 200;
  const auto uri = auth::totp_uri(secret, issuer_, username);
  once.body = secret_json(auth::to_base32(secret), uri,
                          uri.size() <= kLongestCoded ? web::qr_svg(uri) : std::string{});
  const auto begun = co_await store_.accounts().begin_second_factor(username, secret, once);
  if (!begun) co_return to_response(store_problem(begun.error()), request);
  if (auto told = told_before(*begun, request)) co_return std::move(*told);
  if (std::get<store::Outcome>(*begun) == store::Outcome::Refused)
    co_return to_response({409, "second_factor_there", "take the present one away first", {}, {}},
                          request);
  co_return answer_of(once);
}

asio::awaitable<Response> AccountEndpoints::confirm_factor(const Request& request) {
  auto taken = co_await take_turn(request, gate_, store_, kChange);
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  const auto read = read_code(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto factor = co_await store_.accounts().find_second_factor(visitor.session.username);
  if (!factor) co_return to_response(store_problem(factor.error()), request);
  if (!*factor || (*factor)->confirmed)
    co_return to_response({409, "second_factor_not_begun", "begin one first", {}, {}}, request);
  const auto now = common::wall_now();
  const auto step = auth::match_totp((*factor)->secret, std::get<std::string>(read), now, 0);
  if (!step)
    co_return to_response({400, "wrong_code", "this code is not the one of now", {}, {}}, request);

  const auto codes = auth::random_recovery_codes();
  std::vector<store::TokenHash> hashes;
  hashes.reserve(codes.size());
  for (const auto& code : codes) hashes.push_back(*auth::hash_recovery_code(code));
  store::UseFactor use{visitor.session.username, *step, {}, visitor.actor, now};
  once.status = 200;
  once.body = recovery_codes_json(codes);
  const auto confirmed =
      co_await store_.accounts().confirm_second_factor(std::move(use), std::move(hashes), once);
  if (!confirmed) co_return to_response(store_problem(confirmed.error()), request);
  if (auto told = told_before(*confirmed, request)) co_return std::move(*told);
  if (std::get<store::Outcome>(*confirmed) == store::Outcome::Refused)
    co_return to_response({409, "second_factor_not_begun", "begin one first", {}, {}}, request);
  co_return answer_of(once);
}

asio::awaitable<Response> AccountEndpoints::remove_factor(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true, .fresh = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto& visitor = std::get<Visitor>(admitted);
  const auto gone = co_await store_.accounts().remove_second_factor(
      visitor.session.username, visitor.actor, common::wall_now());
  if (!gone) co_return to_response(store_problem(gone.error()), request);
  co_return kDone;
}

asio::awaitable<Response> AccountEndpoints::change_password(const Request& request) {
  auto taken =
      co_await take_turn(request, gate_, store_, {.csrf = true, .fresh = true, .json = true});
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  auto read = read_new_password(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  if (gate_.configured(visitor.session.username) != nullptr)
    co_return to_response({409, "account_configured", "bookd.yaml holds this password", {}, {}},
                          request);
  auto hashed = co_await hash(std::move(std::get<std::string>(read)));
  if (const auto* problem = std::get_if<Problem>(&hashed)) co_return to_response(*problem, request);
  store::AccountChange change;
  change.username = visitor.session.username;
  change.password_hash = std::move(std::get<std::string>(hashed));
  change.actor = visitor.actor;
  change.now = common::wall_now();
  const auto outcome = co_await store_.accounts().change_account_once(std::move(change), once);
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (auto told = told_before(*outcome, request)) co_return std::move(*told);
  if (const auto* refusal =
          std::get_if<store::AccountRefusal>(&std::get<store::AccountOutcome>(*outcome)))
    co_return refusal_answer(*refusal, request);
  co_return kDone;
}

asio::awaitable<Response> AccountEndpoints::list_accounts(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.owner = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto accounts = co_await store_.accounts().list_accounts();
  if (!accounts) co_return to_response(store_problem(accounts.error()), request);
  co_return json_response(200, accounts_json(*accounts));
}

asio::awaitable<Response> AccountEndpoints::add_account(const Request& request) {
  auto taken = co_await take_turn(request, gate_, store_, kOwnersChange);
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  auto read = read_new_account(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& given = std::get<NewAccount>(read);
  auto hashed = co_await hash(std::move(given.password));
  if (const auto* problem = std::get_if<Problem>(&hashed)) co_return to_response(*problem, request);
  store::Account account{given.username, std::move(std::get<std::string>(hashed)), given.role,
                         false, common::wall_now()};
  once.status = 201;
  once.body = account_json(account);
  common::Result<store::Keyed<store::Outcome>> added{store::Outcome::Refused};
  if (gate_.configured(given.username) == nullptr)
    added = co_await store_.accounts().add_account_once(account, visitor.actor, once);
  if (!added) co_return to_response(store_problem(added.error()), request);
  if (auto told = told_before(*added, request)) co_return std::move(*told);
  if (std::get<store::Outcome>(*added) == store::Outcome::Refused)
    co_return to_response({409, "name_taken", "this name is taken", {}, {}}, request);
  co_return answer_of(once);
}

asio::awaitable<Response> AccountEndpoints::change_account(const Request& request) {
  const auto admitted = co_await gate_.admit(request, kOwnersChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  auto read = read_account_change(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& given = std::get<ChangedAccount>(read);
  if (!auth::is_username(request.parameter)) co_return to_response(account_not_found(), request);
  store::AccountChange change;
  change.username = request.parameter;
  change.role = given.role;
  change.disabled = given.disabled;
  change.version = std::get<std::optional<std::int64_t>>(version);
  change.actor = std::get<Visitor>(admitted).actor;
  if (given.password) {
    auto hashed = co_await hash(std::move(*given.password));
    if (const auto* problem = std::get_if<Problem>(&hashed))
      co_return to_response(*problem, request);
    change.password_hash = std::move(std::get<std::string>(hashed));
  }
  change.now = common::wall_now();
  const auto outcome = co_await store_.accounts().change_account(std::move(change));
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (const auto* refusal = std::get_if<store::AccountRefusal>(&*outcome))
    co_return refusal_answer(*refusal, request);
  Response response{204, {}, {}};
  response.set("ETag", etag_of(std::get<std::int64_t>(*outcome)));
  co_return response;
}

asio::awaitable<std::variant<std::string, Problem>> AccountEndpoints::hash(std::string password) {
  if (!auth::is_new_password(password))
    co_return fields_problem({{"/password", "length", "비밀번호는 10자 이상, 256바이트 이하입니다.",
                               "A password has 10 characters to 256 octets."}});
  auto hashed = co_await passwords_.hash(std::move(password));
  if (!hashed) co_return Problem{503, "overloaded", "too many tries at once", {}, kRetryHash};
  co_return std::move(*hashed);
}

}  // namespace booking::api

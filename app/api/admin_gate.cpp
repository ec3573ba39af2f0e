#include "app/api/admin_gate.hpp"

#include "app/api/preconditions.hpp"
#include "app/auth/token.hpp"

#include <algorithm>

namespace booking::api {

namespace asio = boost::asio;

asio::awaitable<std::variant<Visitor, Problem>> AdminGate::admit(const Request& request,
                                                                 Need need) const {
  const auto token = auth::parse_token(request.cookie("session"));
  if (!token) co_return Problem{401, "session_required", "log in first", {}, {}};
  const auto now = common::wall_now();
  auto found = co_await store_.accounts().find_session(auth::hash_token(*token), now);
  if (!found) co_return store_problem(found.error());
  if (!*found) co_return Problem{401, "session_required", "log in first", {}, {}};
  auto& session = **found;
  auto role = session.role;
  if (configured(session.username) != nullptr) role = store::Role::Owner;
  if (!role) co_return Problem{401, "session_required", "this account is not there", {}, {}};

  Visitor visitor{.session = std::move(session),
                  .actor = {},
                  .role = *role,
                  .csrf_token = auth::csrf_token(*token),
                  .fresh = false};
  visitor.actor = {visitor.session.username, request.client.to_string()};
  visitor.fresh = now - visitor.session.verified < kFreshPassword;
  if (need.csrf && !auth::same_secret(request.field("X-CSRF-Token"), visitor.csrf_token))
    co_return Problem{403, "csrf_token_wrong", "X-CSRF-Token is not this session's", {}, {}};
  if (need.owner && visitor.role != store::Role::Owner)
    co_return Problem{403, "owner_required", "only an owner may do this", {}, {}};
  if (need.fresh && !visitor.fresh)
    co_return Problem{403, "password_required", "give the password again first", {}, {}};
  if (auto problem = need.json ? unless_json(request) : std::nullopt) co_return std::move(*problem);
  co_return visitor;
}

const AdminAccount* AdminGate::configured(std::string_view username) const {
  const auto found = std::ranges::find(options_.accounts, username, &AdminAccount::username);
  return found == options_.accounts.end() ? nullptr : &*found;
}

std::string_view to_string(store::Role role) {
  return role == store::Role::Owner ? "owner" : "staff";
}

std::optional<store::Role> parse_role(std::string_view text) {
  if (text == "owner") return store::Role::Owner;
  if (text == "staff") return store::Role::Staff;
  return std::nullopt;
}

}  // namespace booking::api

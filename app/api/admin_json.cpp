#include "app/api/admin_json.hpp"

#include "app/api/json_reader.hpp"
#include "app/auth/password.hpp"
#include "app/auth/token.hpp"
#include "app/core/civil_time.hpp"
#include "app/store/shown_version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace booking::api {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }
json::string text(common::WallTime time) { return text(core::format_rfc3339(time)); }

void read_role(ObjectReader& reader, std::optional<store::Role>& out, FieldErrors& errors) {
  std::string word;
  reader.read("role", word);
  if (word.empty()) return;
  out = parse_role(word);
  if (!out) errors.push_back({"/role", "invalid", "owner나 staff여야 합니다.", "owner or staff"});
}

/// The one member of a body that has one.
Read<std::string> read_one(std::string_view body, std::string_view key) {
  return read_object<std::string>(body, [key](auto& reader, auto& out, FieldErrors&) {
    reader.require(key);
    reader.read(key, out);
  });
}

json::object view(const store::Account& account) {
  return {{"username", text(account.username)},
          {"role", text(to_string(account.role))},
          {"disabled", account.disabled},
          {"version", store::version_of(account)},
          {"created_at", text(account.created)}};
}

}  // namespace

Read<Credentials> read_password_again(std::string_view body) {
  return read_object<Credentials>(body, [](auto& reader, auto& out, FieldErrors&) {
    reader.require("password");
    reader.read("password", out.password);
    reader.read("code", out.code);
  });
}

Read<std::string> read_code(std::string_view body) { return read_one(body, "code"); }
Read<std::string> read_new_password(std::string_view body) { return read_one(body, "password"); }

Read<NewAccount> read_new_account(std::string_view body) {
  return read_object<NewAccount>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    for (const auto* key : {"username", "password", "role"}) reader.require(key);
    reader.read("username", out.username);
    reader.read("password", out.password);
    std::optional<store::Role> role;
    read_role(reader, role, errors);
    if (role) out.role = *role;
    if (!auth::is_username(out.username))
      errors.push_back({"/username", "invalid", "영문 소문자, 숫자, . _ - 로 40자까지입니다.",
                        "1 to 40 of a-z 0-9 . _ -"});
  });
}

Read<ChangedAccount> read_account_change(std::string_view body) {
  return read_object<ChangedAccount>(body, [](auto& reader, auto& out, FieldErrors& errors) {
    read_role(reader, out.role, errors);
    std::string password;
    reader.read("password", password);
    if (!password.empty()) out.password = std::move(password);
    reader.read("disabled", out.disabled);
  });
}

std::string visitor_json(const Visitor& visitor, bool configured,
                         const std::optional<store::SecondFactor>& factor) {
  const bool on = factor && factor->confirmed;
  return json::serialize(json::object{{"username", text(visitor.session.username)},
                                      {"role", text(to_string(visitor.role))},
                                      {"configured", configured},
                                      {"csrf_token", text(visitor.csrf_token)},
                                      {"expires_at", text(visitor.session.expires)},
                                      {"password_fresh", visitor.fresh},
                                      {"second_factor", on},
                                      {"recovery_codes_left", on ? factor->recovery_codes : 0}});
}

std::string sessions_json(const std::vector<store::AdminSession>& sessions,
                          const store::TokenHash& own) {
  json::array list;
  for (const auto& session : sessions)
    list.push_back(json::object{{"id", text(auth::to_text(session.token_hash))},
                                {"username", text(session.username)},
                                {"created_at", text(session.created)},
                                {"expires_at", text(session.expires)},
                                {"address", text(session.address)},
                                {"agent", text(session.agent)},
                                {"current", session.token_hash == own}});
  return json::serialize(json::object{{"sessions", std::move(list)}});
}

std::string secret_json(const std::string& secret, const std::string& uri, const std::string& qr) {
  json::object out{{"secret", text(secret)}, {"uri", text(uri)}};
  if (!qr.empty()) out["qr"] = text(qr);
  return json::serialize(out);
}

std::string recovery_codes_json(const std::vector<std::string>& codes) {
  json::array list;
  for (const auto& code : codes) list.push_back(text(code));
  return json::serialize(json::object{{"recovery_codes", std::move(list)}});
}

std::string account_json(const store::Account& account) { return json::serialize(view(account)); }

std::string accounts_json(const std::vector<store::Account>& accounts) {
  json::array list;
  for (const auto& account : accounts) list.push_back(view(account));
  return json::serialize(json::object{{"accounts", std::move(list)}});
}

std::string csrf_json(const std::string& token) {
  return json::serialize(json::object{{"csrf_token", text(token)}});
}

}  // namespace booking::api

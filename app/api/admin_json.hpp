#pragma once

#include "app/api/admin_gate.hpp"
#include "app/api/json_body.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

// The admin's JSON, in and out. Bodies are read as strictly as a guest's (json_body.hpp).

struct NewAccount {
  std::string username;
  std::string password;
  store::Role role{store::Role::Staff};
};

struct ChangedAccount {
  std::optional<store::Role> role;
  std::optional<bool> disabled;
  std::optional<std::string> password;
};

/// Password and code; the name is the session's.
Read<Credentials> read_password_again(std::string_view body);
Read<std::string> read_code(std::string_view body);
Read<std::string> read_new_password(std::string_view body);
Read<NewAccount> read_new_account(std::string_view body);
Read<ChangedAccount> read_account_change(std::string_view body);

/// `configured`: by bookd.yaml, which also holds the password then.
std::string visitor_json(const Visitor& visitor, bool configured,
                         const std::optional<store::SecondFactor>& factor);
std::string sessions_json(const std::vector<store::AdminSession>& sessions,
                          const store::TokenHash& own);
/// `qr`: the uri as an SVG element; empty, and then not there, when it is too long for one.
std::string secret_json(const std::string& secret, const std::string& uri, const std::string& qr);
std::string recovery_codes_json(const std::vector<std::string>& codes);
std::string account_json(const store::Account& account);
std::string accounts_json(const std::vector<store::Account>& accounts);
std::string csrf_json(const std::string& token);

}  // namespace booking::api

#pragma once

#include "app/store/errc.hpp"
#include "app/store/once.hpp"
#include "app/store/store_types.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace booking::store {

// The numbers are stored; never reuse or change one.
enum class Role : std::uint8_t { Owner = 1, Staff = 2 };

struct Account {
  std::string username;  // auth's is_username
  std::string password_hash;
  Role role{Role::Staff};
  bool disabled{false};
  common::WallTime created;
};

/// What is to become of an account; what is not there stays.
struct AccountChange {
  std::string username;
  std::optional<std::string> password_hash;
  std::optional<Role> role;
  std::optional<bool> disabled;
  std::optional<std::int64_t> version{};  // If-Match: any, when absent
  Actor actor;
  common::WallTime now;
};

enum class AccountRefusal { NotFound, Stale, LastOwner };
/// The version it has now.
using AccountOutcome = std::variant<std::int64_t, AccountRefusal>;

using TokenHash = std::array<std::uint8_t, 32>;  // made by auth::hash_token

struct AdminSession {
  TokenHash token_hash{};
  std::string username;
  common::WallTime created;
  common::WallTime expires;
  std::string address;        // of the client that logged in
  std::string agent;          // its User-Agent, up to 120 octets
  common::WallTime verified;  // when a password was last given in it
  std::optional<Role> role;   // of the account in the database; nothing: no usable one is there
};

struct SecondFactor {
  std::array<std::uint8_t, 20> secret{};
  bool confirmed{false};
  std::int64_t last_step{0};  // of the last code that opened
  std::size_t recovery_codes{0};
};

/// A code that opens once.
struct UseFactor {
  std::string username;
  std::int64_t step{0};                 // of a TOTP code
  std::optional<TokenHash> recovery{};  // or of a recovery code
  Actor actor;
  common::WallTime now;
};

/// Who may log in, and who is logged in. Shared by all application nodes: a node's death logs
/// nobody out.
class Accounts {
 public:
  Accounts() = default;
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  virtual ~Accounts() = default;

  virtual Awaitable<std::optional<Account>> find_account(std::string username) = 0;
  virtual Awaitable<std::vector<Account>> list_accounts() = 0;
  /// Refused when the name is taken.
  virtual Awaitable<Outcome> add_account(Account account, Actor actor) = 0;
  virtual Awaitable<Keyed<Outcome>> add_account_once(Account account, Actor actor, Once once) = 0;
  /// A new password, another role or disabling ends the account's sessions. The last owner who is
  /// not disabled stays one.
  virtual Awaitable<AccountOutcome> change_account(AccountChange change) = 0;
  virtual Awaitable<Keyed<AccountOutcome>> change_account_once(AccountChange change, Once once) = 0;

  virtual Awaitable<std::optional<SecondFactor>> find_second_factor(std::string username) = 0;
  /// A secret that asks for nothing before it is confirmed; replaces one that never was. Refused
  /// when a confirmed one is there.
  virtual Awaitable<Keyed<Outcome>> begin_second_factor(std::string username,
                                                        std::array<std::uint8_t, 20> secret,
                                                        Once once) = 0;
  /// From now on a code is asked for; refused when none was begun. `codes` are the hashes of
  /// recovery codes.
  virtual Awaitable<Keyed<Outcome>> confirm_second_factor(UseFactor with,
                                                          std::vector<TokenHash> codes,
                                                          Once once) = 0;
  virtual Awaitable<Done> remove_second_factor(std::string username, Actor actor,
                                               common::WallTime now) = 0;
  /// Refused when it was used before, on whichever node.
  virtual Awaitable<Outcome> use_second_factor(UseFactor use) = 0;

  /// Also written to the audit log.
  virtual Awaitable<Done> create_session(AdminSession session, Actor actor) = 0;
  /// Nothing for an unknown or expired one.
  virtual Awaitable<std::optional<AdminSession>> find_session(TokenHash token_hash,
                                                              common::WallTime now) = 0;
  /// Those of one account, or all when it is not named; newest first.
  virtual Awaitable<std::vector<AdminSession>> list_sessions(std::optional<std::string> username,
                                                             common::WallTime now) = 0;
  /// Refused when there is none, or it is another account's and `username` names one.
  virtual Awaitable<Outcome> delete_session(TokenHash token_hash,
                                            std::optional<std::string> username, Actor actor,
                                            common::WallTime now) = 0;
  /// The password was given again in this session.
  virtual Awaitable<Done> verify_session(TokenHash token_hash, Actor actor,
                                         common::WallTime now) = 0;
};

}  // namespace booking::store

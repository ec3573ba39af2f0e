#pragma once

#include "app/store/accounts.hpp"
#include "app/store/store.hpp"

namespace booking::store {

class SqlRunner;
struct Tools;

/// Accounts on the tables admin_account, second_factor, recovery_code and admin_session.
class SqlAccounts final : public Accounts {
 public:
  /// Both outlive it and are not used before the first call.
  SqlAccounts(SqlRunner& runner, const Tools& tools) : runner_{runner}, tools_{tools} {}

  Awaitable<std::optional<Account>> find_account(std::string username) override;
  Awaitable<std::vector<Account>> list_accounts() override;
  Awaitable<Outcome> add_account(Account account, Actor actor) override;
  Awaitable<Keyed<Outcome>> add_account_once(Account account, Actor actor, Once once) override;
  Awaitable<AccountOutcome> change_account(AccountChange change) override;
  Awaitable<Keyed<AccountOutcome>> change_account_once(AccountChange change, Once once) override;
  Awaitable<std::optional<SecondFactor>> find_second_factor(std::string username) override;
  Awaitable<Keyed<Outcome>> begin_second_factor(std::string username,
                                                std::array<std::uint8_t, 20> secret,
                                                Once once) override;
  Awaitable<Keyed<Outcome>> confirm_second_factor(UseFactor with, std::vector<TokenHash> codes,
                                                  Once once) override;
  Awaitable<Done> remove_second_factor(std::string username, Actor actor,
                                       common::WallTime now) override;
  Awaitable<Outcome> use_second_factor(UseFactor use) override;
  Awaitable<Done> create_session(AdminSession session, Actor actor) override;
  Awaitable<std::optional<AdminSession>> find_session(TokenHash token_hash,
                                                      common::WallTime now) override;
  Awaitable<std::vector<AdminSession>> list_sessions(std::optional<std::string> username,
                                                     common::WallTime now) override;
  Awaitable<Outcome> delete_session(TokenHash token_hash, std::optional<std::string> username,
                                    Actor actor, common::WallTime now) override;
  Awaitable<Done> verify_session(TokenHash token_hash, Actor actor, common::WallTime now) override;

 private:
  SqlRunner& runner_;
  const Tools& tools_;
};

}  // namespace booking::store

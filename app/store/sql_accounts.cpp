#include "app/store/sql_accounts.hpp"

#include "app/store/account_queries.hpp"
#include "app/store/once_queries.hpp"
#include "app/store/sql_runner.hpp"
#include "app/store/tools.hpp"

namespace booking::store {
namespace {

Outcome outcome(bool done) { return done ? Outcome::Done : Outcome::Refused; }

WorkOf<Outcome> addition_of(Account account, Actor actor, const EntropySource& entropy) {
  return [account = std::move(account), actor = std::move(actor), &entropy](
             Session& db, const Attempt&, std::optional<Outcome>& out) {
    out = outcome(store::add_account(db, account, actor, entropy));
    return Ending::Commit;
  };
}

WorkOf<AccountOutcome> change_of(AccountChange change, const EntropySource& entropy) {
  return [change = std::move(change), &entropy](Session& db, const Attempt&,
                                                std::optional<AccountOutcome>& out) {
    return store::change_account(db, change, entropy, out);
  };
}

}  // namespace

Awaitable<std::optional<Account>> SqlAccounts::find_account(std::string username) {
  return runner_.read<std::optional<Account>>(
      [username = std::move(username)](Session& db) { return store::find_account(db, username); });
}

Awaitable<std::vector<Account>> SqlAccounts::list_accounts() {
  return runner_.read<std::vector<Account>>([](Session& db) { return store::list_accounts(db); });
}

Awaitable<Outcome> SqlAccounts::add_account(Account account, Actor actor) {
  return runner_.submit<Outcome>(Kind::Write,
                                 addition_of(std::move(account), std::move(actor), tools_.entropy));
}

Awaitable<Keyed<Outcome>> SqlAccounts::add_account_once(Account account, Actor actor, Once once) {
  return runner_.submit<Keyed<Outcome>>(
      Kind::Write, under_key(std::move(once), tools_,
                             addition_of(std::move(account), std::move(actor), tools_.entropy)));
}

Awaitable<AccountOutcome> SqlAccounts::change_account(AccountChange change) {
  return runner_.submit<AccountOutcome>(Kind::Write, change_of(std::move(change), tools_.entropy));
}

Awaitable<Keyed<AccountOutcome>> SqlAccounts::change_account_once(AccountChange change, Once once) {
  return runner_.submit<Keyed<AccountOutcome>>(
      Kind::Write,
      under_key(std::move(once), tools_, change_of(std::move(change), tools_.entropy)));
}

Awaitable<std::optional<SecondFactor>> SqlAccounts::find_second_factor(std::string username) {
  return runner_.read<std::optional<SecondFactor>>(
      [this, username = std::move(username)](Session& db) {
        return store::find_second_factor(db, username, tools_.vault);
      });
}

Awaitable<Keyed<Outcome>> SqlAccounts::begin_second_factor(std::string username,
                                                           std::array<std::uint8_t, 20> secret,
                                                           Once once) {
  WorkOf<Outcome> work = [this, username = std::move(username), secret](Session& db, const Attempt&,
                                                                        auto& out) {
    out = outcome(store::begin_second_factor(db, username, secret, tools_.vault));
    return Ending::Commit;
  };
  return runner_.submit<Keyed<Outcome>>(Kind::Write,
                                        under_key(std::move(once), tools_, std::move(work)));
}

Awaitable<Keyed<Outcome>> SqlAccounts::confirm_second_factor(UseFactor with,
                                                             std::vector<TokenHash> codes,
                                                             Once once) {
  WorkOf<Outcome> work = [this, with = std::move(with), codes = std::move(codes)](
                             Session& db, const Attempt& attempt, auto& out) {
    out = outcome(store::confirm_second_factor(db, with, codes, attempt, tools_.entropy));
    return Ending::Commit;
  };
  return runner_.submit<Keyed<Outcome>>(Kind::Write,
                                        under_key(std::move(once), tools_, std::move(work)));
}

Awaitable<Done> SqlAccounts::remove_second_factor(std::string username, Actor actor,
                                                  common::WallTime now) {
  return runner_.change(
      [this, username = std::move(username), actor = std::move(actor), now](Session& db) {
        store::remove_second_factor(db, username, actor, now, tools_.entropy);
      });
}

Awaitable<Outcome> SqlAccounts::use_second_factor(UseFactor use) {
  return runner_.submit<Outcome>(
      Kind::Write, [this, use = std::move(use)](Session& db, const Attempt& attempt, auto& out) {
        out = outcome(store::use_second_factor(db, use, attempt, tools_.entropy));
        return Ending::Commit;
      });
}

Awaitable<Done> SqlAccounts::create_session(AdminSession session, Actor actor) {
  return runner_.change(
      [this, session = std::move(session), actor = std::move(actor)](Session& db) {
        store::create_session(db, session, actor, tools_.entropy);
      });
}

Awaitable<std::optional<AdminSession>> SqlAccounts::find_session(TokenHash token_hash,
                                                                 common::WallTime now) {
  return runner_.read<std::optional<AdminSession>>(
      [token_hash, now](Session& db) { return store::find_session(db, token_hash, now); });
}

Awaitable<std::vector<AdminSession>> SqlAccounts::list_sessions(std::optional<std::string> username,
                                                                common::WallTime now) {
  return runner_.read<std::vector<AdminSession>>(
      [username = std::move(username), now](Session& db) {
        return store::list_sessions(db, username, now);
      });
}

Awaitable<Outcome> SqlAccounts::delete_session(TokenHash token_hash,
                                               std::optional<std::string> username, Actor actor,
                                               common::WallTime now) {
  return runner_.submit<Outcome>(
      Kind::Write, [this, token_hash, username = std::move(username), actor = std::move(actor),
                    now](Session& db, const Attempt& attempt, auto& out) {
        out = outcome(
            store::delete_session(db, token_hash, username, attempt, actor, now, tools_.entropy));
        return Ending::Commit;
      });
}

Awaitable<Done> SqlAccounts::verify_session(TokenHash token_hash, Actor actor,
                                            common::WallTime now) {
  return runner_.change([this, token_hash, actor = std::move(actor), now](Session& db) {
    store::verify_session(db, token_hash, actor, now, tools_.entropy);
  });
}

}  // namespace booking::store
